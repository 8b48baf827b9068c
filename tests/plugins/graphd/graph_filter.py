# SPDX-License-Identifier: Apache-2.0
"""The query options of OData that managedDevices takes: $select, $filter and $top."""

import re

from graph_fleet import BETA_PROPERTIES, V1_PROPERTIES, seconds

CLAUSE = re.compile(r"(operatingSystem) (eq) '(\w+)'"
                    r"|(lastSyncDateTime) (ge|gt|le|lt) "
                    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)")
COMPARE = {"ge": lambda a, b: a >= b, "gt": lambda a, b: a > b,
           "le": lambda a, b: a <= b, "lt": lambda a, b: a < b}


class BadRequest(Exception):
    """Answered with 400 and this text."""


def selection(version, text):
    """The names of $select; None is all."""
    known = BETA_PROPERTIES if version == "beta" else V1_PROPERTIES
    if text is None:
        return known - {"hardwareInformation"}
    names = text.split(",")
    for name in names:
        if name not in known:
            raise BadRequest(f"Could not find a property named '{name}' on type "
                             "'microsoft.graph.managedDevice'.")
    return names


def device_filter(fleet, text):
    """A predicate over the numbers of a fleet."""
    tests = []
    for clause in (text or "").split(" and ") if text else []:
        match = CLAUSE.fullmatch(clause.strip())
        if not match:
            raise BadRequest(f"Invalid filter clause: '{clause}'.")
        if match[1]:
            wanted = match[3] == "Windows"
            tests.append(lambda n, wanted=wanted: fleet.is_windows(n) == wanted)
        else:
            compare, when = COMPARE[match[5]], seconds(match[6])
            tests.append(lambda n, c=compare, w=when: c(fleet.last_sync[n], w))
    return lambda number: all(test(number) for test in tests)
