# SPDX-License-Identifier: Apache-2.0
"""The built-in functions of section 10 of spec/language.md: one line each, and the functions
behind them.

Functions take known values and return one; they raise Fault for a fault and BadText for a text
that does not convert.
"""

import calendar_
from program import WEEKDAY, WEEKDAYS
from values import (
    BOOL,
    DATE,
    DURATION,
    INT,
    MONTH,
    TEXT,
    TIME,
    VERSION,
    Other,
    lower_ascii,
    print_value,
    upper_ascii,
)

WHITE = " \t\n\v\f\r"


class Fault(Exception):
    """Overflow, no such part, a day that does not exist, and the like."""


class BadText(Exception):
    """A text that is not what it should convert to."""


class Builtin:
    """One overload: argument types, result type, function; `rises`: may the first argument be a
    rising ramp?"""

    def __init__(self, name, kinds, result, function, rises=False):
        self.name, self.kinds, self.result, self.function, self.rises = (
            name,
            kinds,
            result,
            function,
            rises,
        )


def number_or_fault(value):
    if value is None:
        raise Fault()
    return value


def split_part(text, separator, n):
    if separator == "" or n < 1:
        raise Fault()
    parts = text.split(separator)
    if n > len(parts):
        raise Fault()
    return parts[n - 1]


def int_of(text):
    """An int as the reading table reads it from a string; None if it is none."""
    digits = text[1:] if text.startswith("-") else text
    if not digits or any(c not in "0123456789" for c in digits):
        return None
    digits = digits.lstrip("0") or "0"
    if len(digits) > 19:
        return None
    value = -int(digits) if text.startswith("-") else int(digits)
    return value if calendar_.INT_MIN <= value <= calendar_.INT_MAX else None


def converted(reader):
    """A conversion: what the reading table cannot read is a bad text."""

    def convert(text):
        value = reader(text)
        if value is None:
            raise BadText()
        return value

    return convert


def version_from(*parts):
    if any(not 0 <= part <= 65535 for part in parts):
        raise Fault()
    return tuple(list(parts) + [0] * (4 - len(parts)))


def part(version, n):
    if not 1 <= n <= 4:
        raise Fault()
    return version[n - 1]


def nth_weekday(month, n, weekday):
    if isinstance(weekday, Other):
        raise Fault()
    return number_or_fault(calendar_.nth_weekday(month, n, WEEKDAYS.index(weekday)))


def days_of_int(n):
    seconds = n * calendar_.DAY
    if not calendar_.INT_MIN <= seconds <= calendar_.INT_MAX:
        raise Fault()
    return seconds


def in_zone(function):
    """A function of the local date at an instant; outside the zone's years a fault."""
    return lambda time, zone="utc": function(number_or_fault(calendar_.local_date(time, zone)))


def of_day(function):
    return lambda time: function(time // calendar_.DAY)


def year(days):
    return calendar_.civil(days).year


def month(days):
    return calendar_.civil(days).month


def day(days):
    return calendar_.civil(days).day


def quarter(days):
    return (month(days) + 2) // 3


def weekday(days):
    return WEEKDAYS[calendar_.weekday_of(days)]


def day_itself(days):
    return days


ALL = [
    Builtin("lower", [TEXT], TEXT, lower_ascii),
    Builtin("upper", [TEXT], TEXT, upper_ascii),
    Builtin("trim", [TEXT], TEXT, lambda text: text.strip(WHITE)),
    Builtin("length", [TEXT], INT, len),
    Builtin("starts_with", [TEXT, TEXT], BOOL, lambda a, b: a.startswith(b)),
    Builtin("ends_with", [TEXT, TEXT], BOOL, lambda a, b: a.endswith(b)),
    Builtin("contains", [TEXT, TEXT], BOOL, lambda a, b: b in a),
    Builtin("split_part", [TEXT, TEXT, INT], TEXT, split_part),
    Builtin("int", [TEXT], INT, converted(int_of)),
    Builtin("version", [TEXT], VERSION, converted(calendar_.version_of)),
    Builtin("date", [TEXT], DATE, converted(calendar_.date_of)),
    Builtin("time", [TEXT], TIME, converted(calendar_.time_of)),
    Builtin("duration", [TEXT], DURATION, converted(calendar_.duration_of)),
    Builtin("version", [INT, INT], VERSION, version_from),
    Builtin("version", [INT, INT, INT], VERSION, version_from),
    Builtin("version", [INT, INT, INT, INT], VERSION, version_from),
    Builtin("text", ["printable"], TEXT, print_value),
    Builtin("part", [VERSION, INT], INT, part),
    Builtin("year", [TIME], INT, of_day(year), rises=True),
    Builtin("year", [DATE], INT, year),
    Builtin("year", [MONTH], INT, lambda m: m // 12),
    Builtin("month", [TIME], INT, of_day(month), rises=True),
    Builtin("month", [DATE], INT, month),
    Builtin("month", [MONTH], INT, lambda m: m % 12 + 1),
    Builtin("quarter", [TIME], INT, of_day(quarter), rises=True),
    Builtin("quarter", [DATE], INT, quarter),
    Builtin("quarter", [MONTH], INT, lambda m: m % 12 // 3 + 1),
    Builtin("day", [TIME], INT, of_day(day), rises=True),
    Builtin("day", [DATE], INT, day),
    Builtin("weekday", [TIME], WEEKDAY, of_day(weekday), rises=True),
    Builtin("weekday", [DATE], WEEKDAY, weekday),
    Builtin("month_of", [TIME], MONTH, in_zone(calendar_.month_of_date), rises=True),
    Builtin("month_of", [TIME, "zone"], MONTH, in_zone(calendar_.month_of_date), rises=True),
    Builtin("month_of", [DATE], MONTH, calendar_.month_of_date),
    Builtin("date", [TIME], DATE, in_zone(day_itself), rises=True),
    Builtin("date", [TIME, "zone"], DATE, in_zone(day_itself), rises=True),
    Builtin("start_of", [MONTH], DATE, calendar_.start_of),
    Builtin("nth_weekday", [MONTH, INT, WEEKDAY], DATE, nth_weekday),
    Builtin(
        "at",
        [DATE, "clock", "zone"],
        TIME,
        lambda d, c, z: number_or_fault(calendar_.instant_at(d, c, z)),
    ),
    Builtin("days", [INT], DURATION, days_of_int),
    Builtin("days", [DURATION], INT, lambda seconds: seconds // calendar_.DAY, rises=True),
]

BY_NAME = {}
for _builtin in ALL:
    BY_NAME.setdefault(_builtin.name, []).append(_builtin)


# ---- next changes of the ones that rise (sections 8.4 and 8.5)


def beginning(name, x, zone):
    """Where the day, month or year x begins; None outside the calendar or the zone's years."""
    if name in ("date", "day", "weekday"):
        days = x if calendar_.DATE_MIN <= x <= calendar_.DATE_MAX else None
    elif name in ("month_of", "month", "quarter"):
        days = calendar_.start_of(x) if calendar_.MONTH_MIN <= x <= calendar_.MONTH_MAX else None
    else:
        days = calendar_.days_of(x, 1, 1) if 1 <= x <= 9999 else None
    return None if days is None else calendar_.instant_at(days, 0, zone)


def boundaries(name, value, zone):
    """The next values of a rising argument at which the result of a built-in changes; `None`s
    are none."""
    if name == "days":
        return [(value // calendar_.DAY + 1) * calendar_.DAY]
    days = calendar_.local_date(value, zone)
    if days is None:
        return []
    month_ = calendar_.month_of_date(days)
    following = {
        "date": days + 1,
        "day": days + 1,
        "weekday": days + 1,
        "month_of": month_ + 1,
        "month": month_ + 1,
        "quarter": month_ - month_ % 3 + 3,
        "year": month_ // 12 + 1,
    }
    return [beginning(name, following[name], zone)]


def flips(name, op, x, zone):
    """The values of a rising argument at which a direct comparison with x changes."""
    ends = {"<": [x], ">=": [x], ">": [x + 1], "<=": [x + 1], "==": [x, x + 1], "!=": [x, x + 1]}
    return [beginning(name, end, zone) for end in ends[op]]


def zone_ends(value, zone):
    """The ends of a zone's years that a rising argument still reaches."""
    if zone == "utc":
        return []
    return [end for end in (calendar_.ZONE_START, calendar_.ZONE_END) if end > value]
