#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does spec/operations.md name every metric and event of the service, and no others?

    check_operations.py [ROOT]

Metrics are those of section 5, events of the log those of section 6; what there is, is read from
the sources of runtime/service, where each is a text of its own.
"""

import pathlib
import re
import sys

METRICS = (  # group 1 is the name, as it stands behind `muster_`
    re.compile(r'\{"(\w+)", "(?:gauge|counter)"'),
    re.compile(r'add_(?:metric|seconds)\(out, "(\w+)"'),
    re.compile(r"# TYPE muster_(\w+) "),
)
SOURCE_METRIC = re.compile(r'add_(?:numbers|head)\((?:sources, )?out, "(\w+)"')
EVENT = re.compile(r'\bmst_log\([^;{"]*"([a-z_]+)"')
NAMED = re.compile(r"`([a-z_]+)(?:\{[a-z,]+\})?`")
LEVELS = {"info", "warning", "error"}


def section(page, title):
    """The text below a heading."""
    return re.search(rf"^## \d+\. {title}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]


def compare(what, there, named):
    """Prints what differs; returns how many names do."""
    for name in sorted(there - named):
        print(f"spec/operations.md: the {what} {name} is not named")
    for name in sorted(named - there):
        print(f"spec/operations.md: there is no {what} {name}")
    return len(there ^ named)


def main():
    """Each name is one test."""
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if root.is_file():
        root = root.parent.parent.parent
    page = (root / "spec" / "operations.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8")
                   for path in sorted((root / "runtime" / "service").glob("*.c")))
    metrics = {name for pattern in METRICS for name in pattern.findall(code)}
    metrics |= {f"source_{name}" for name in SOURCE_METRIC.findall(code)}
    events = set(EVENT.findall(code))
    failed = compare("metric", metrics, set(NAMED.findall(section(page, "Metrics"))) - {"muster_"})
    failed += compare("event", events, set(NAMED.findall(section(page, "The log"))) - LEVELS)
    total = len(metrics) + len(events)
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed or not metrics or not events else 0


if __name__ == "__main__":
    sys.exit(main())
