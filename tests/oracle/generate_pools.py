# SPDX-License-Identifier: Apache-2.0
"""What random programs and records are made of: literals, texts, and how they are quoted."""

T0 = "2026-08-15T00:00:00Z"
INSTANTS = [
    T0,
    "2026-08-15T00:00:00Z",
    "2026-08-14T23:59:59Z",
    "2026-08-11T17:00:00Z",
    "2026-03-08T09:59:59Z",
    "2026-11-01T08:30:00Z",
    "2027-01-01T00:00:00Z",
    "2026-09-30T18:00:00Z",
]
RARE_INSTANTS = [
    "2024-02-29T12:00:00Z",
    "1969-12-31T23:59:59Z",
    "2050-12-31T23:59:58Z",
    "2026-03-29T00:59:59Z",
    "1970-01-01T00:00:00Z",
]
TIMES = [
    "2026-08-15T00:00:00Z",
    "2026-08-14T23:59:59Z",
    "2026-08-15T00:00:01Z",
    "2026-08-08T00:00:00Z",
    "2026-08-08T00:00:01Z",
    "2026-07-18T00:00:00Z",
    "2026-08-11T17:00:00Z",
    "2026-09-08T17:00:00Z",
    "2026-03-08T10:00:00Z",
    "2026-11-01T09:00:00Z",
    "2027-01-01T00:00:00Z",
    "2026-12-31T23:59:59Z",
]
RARE_TIMES = [
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "2051-01-01T00:00:00Z",
]
DATES = [
    "2026-08-15",
    "2026-08-14",
    "2026-08-11",
    "2026-09-08",
    "2026-03-08",
    "2024-02-29",
    "2027-01-01",
    "2026-11-01",
]
RARE_DATES = ["0001-01-01", "9999-12-31", "1970-01-01", "2050-12-31"]
MONTHS = ["2026-08", "2026-09", "2026-07", "2027-01", "2024-02", "2026-12"]
RARE_MONTHS = ["0001-01", "9999-12"]
DURATIONS = [
    "7 days",
    "1 day",
    "28 days",
    "36 hours",
    "0 seconds",
    "1 second",
    "90 minutes",
    "2 weeks",
    "1 hour",
]
VERSIONS = [
    "26100.4929",
    "26100.9106",
    "26200.1",
    "26100.0",
    "10.0.26100.1",
    "0.1",
    "65535.65535",
    "22631.4317.0.2",
]
INTS = ["0", "1", "2", "3", "5", "7", "10", "28", "100", "4929", "26100", "65535"]
RARE_INTS = ["9223372036854775807", "4611686018427387904", "70000"]
WORDS = [
    "",
    "a",
    "pilot",
    "ring0",
    "KB5064081",
    "Pro 24H2",
    "a.b.c",
    "x-1",
    " trim me ",
    "\u00c4u\u00df",
    "26100.1",
    "42",
    "-7",
    "2026-08-15",
    "7 days",
    "2026-08-15T00:00:00Z",
    "UPPER",
    "true",
]
PATTERNS = ["*", "KB*", "?", "ring?", "*b*", "a*c", "pilot", "*1", "?*?"]
ZONES = [
    "utc",
    "us_pacific",
    "us_eastern",
    "europe_berlin",
    "europe_london",
    "asia_kolkata",
    "australia_sydney",
    "us_arizona",
    "asia_tokyo",
]
CLOCKS = ["00:00", "10:00", "02:30", "23:59"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SCALARS = ["bool", "int", "text", "version", "date", "month", "duration", "time"]
ORDERED = ["int", "version", "date", "month", "duration", "time"]
INVALID = [
    '"nonsense!"',
    "[]",
    '{"x":1}',
    '" "',
    "1.5",
    "-0.1e-9",
    '"999999999999999999999"',
    '"' + "x" * 300 + '"',
    '"2026-02-30"',
    '"2026-13"',
    '"P"',
    '"PT"',
    '"1.2.3.4.5"',
    '"65536.1"',
    '"+5"',
    "[1,2]",
    "1e30",
]


def join(base, key):
    return base + "." + key if base else key


def quote(text):
    """A text literal of a rule file."""
    return '"%s"' % text.replace('"', '""').replace("{", "{{").replace("}", "}}")


def unquote(literal):
    return literal[1:-1] if literal.startswith('"') else literal


def quote_json(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def csv_cell(text, always):
    return '"%s"' % text.replace('"', '""') if always or any(c in text for c in ',"\n') else text


def merge(pairs, nested):
    """Pairs with one head as one nested object, or each on its own (a repeated object then
    adds)."""
    if not nested:
        return pairs
    heads, found = {}, []
    for path, value in pairs:
        head, dot, tail = path.partition(".")
        if dot and head in heads:
            index = heads[head]
            found[index] = (head, found[index][1][:-1] + ',"%s":%s}' % (tail, value))
        elif dot:
            heads[head] = len(found)
            found.append((head, '{"%s":%s}' % (tail, value)))
        else:
            found.append((path, value))
    return found
