# SPDX-License-Identifier: Apache-2.0
"""Dates, months, times, durations, versions and zones: reading, printing and counting them.

Values are plain integers (days and seconds since 1970, months since year 0) and versions are
tuples of four. Readers return None for what they cannot read. Zones come from the system's tzdata.
"""

import datetime
import re
import zoneinfo

DAY = 86400
TIME_MIN, TIME_MAX = -62135596800, 253402300799
DATE_MIN, DATE_MAX = -719162, 2932896
MONTH_MIN, MONTH_MAX = 12, 119999
INT_MIN, INT_MAX = -(2**63), 2**63 - 1
ZONE_START, ZONE_END = 0, 2556144000  # 1970-01-01 and 2051-01-01, UTC

ZONES = {
    "utc": None,
    "us_eastern": "America/New_York",
    "us_central": "America/Chicago",
    "us_mountain": "America/Denver",
    "us_arizona": "America/Phoenix",
    "us_pacific": "America/Los_Angeles",
    "us_alaska": "America/Anchorage",
    "us_hawaii": "Pacific/Honolulu",
    "europe_london": "Europe/London",
    "europe_paris": "Europe/Paris",
    "europe_berlin": "Europe/Berlin",
    "asia_kolkata": "Asia/Kolkata",
    "asia_tokyo": "Asia/Tokyo",
    "australia_sydney": "Australia/Sydney",
}
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}
EPOCH = datetime.datetime(1970, 1, 1)

VERSION = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,5}){0,3}")
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
ISO_DURATION = re.compile(
    r"P(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?"
)
LITERAL_DURATION = re.compile(r"([0-9]+)[ \t]+(second|minute|hour|day|week)s?")


# ---- reading


def version_of(text):
    if not VERSION.fullmatch(text):
        return None
    parts = [int(part) for part in text.split(".")]
    return tuple(parts + [0] * (4 - len(parts))) if max(parts) <= 65535 else None


def date_of(text):
    match = DATE.fullmatch(text)
    return match and days_of(*(int(part) for part in match.groups()))


def days_of(year, month, day):
    """Days since 1970 of a date, None if there is no such date."""
    try:
        return datetime.date(year, month, day).toordinal() - 719163
    except ValueError:
        return None


def month_of(text):
    match = MONTH.fullmatch(text)
    if not match:
        return None
    year, month = int(match.group(1)), int(match.group(2))
    return year * 12 + month - 1 if year >= 1 and 1 <= month <= 12 else None


def time_of(text):
    match = TIME.fullmatch(text)
    if not match:
        return None
    days = date_of(match.group(1))
    hour, minute, second = (int(match.group(i)) for i in (2, 3, 4))
    if days is None or hour > 23 or minute > 59 or second > 60:
        return None
    offset = 0
    if match.group(5):
        offset_hour, offset_minute = int(match.group(6)), int(match.group(7))
        if offset_hour > 23 or offset_minute > 59:
            return None
        offset = (offset_hour * 3600 + offset_minute * 60) * (-1 if match.group(5) == "-" else 1)
    time = days * DAY + hour * 3600 + minute * 60 + min(second, 59) - offset
    return time if TIME_MIN <= time <= TIME_MAX else None


def duration_of(text):
    match = LITERAL_DURATION.fullmatch(text)
    if match:
        seconds = int(match.group(1)) * UNITS[match.group(2)]
    else:
        match = ISO_DURATION.fullmatch(text)
        if not match or not any(match.groups()):
            return None
        counts = [int(part or 0) for part in match.groups()]
        seconds = sum(count * size for count, size in zip(counts, (DAY, 3600, 60, 1)))
    return seconds if seconds <= INT_MAX else None


# ---- printing


def print_version(version):
    parts = list(version)
    while len(parts) > 2 and parts[-1] == 0:
        parts.pop()
    return ".".join(str(part) for part in parts)


def civil(days):
    return datetime.date.fromordinal(days + 719163)


def print_date(days):
    date = civil(days)
    return "%04d-%02d-%02d" % (date.year, date.month, date.day)


def print_month(month):
    return "%04d-%02d" % (month // 12, month % 12 + 1)


def print_time(time):
    second = time % DAY
    return "%sT%02d:%02d:%02dZ" % (
        print_date(time // DAY),
        second // 3600,
        second // 60 % 60,
        second % 60,
    )


def print_duration(seconds):
    if seconds == 0:
        return "0 seconds"
    for unit in ("week", "day", "hour", "minute", "second"):
        if seconds % UNITS[unit] == 0:
            count = seconds // UNITS[unit]
            return "%d %s%s" % (count, unit, "" if abs(count) == 1 else "s")
    raise AssertionError("a second divides every duration")


# ---- calendar


def month_of_date(days):
    date = civil(days)
    return date.year * 12 + date.month - 1


def start_of(month):
    return days_of(month // 12, month % 12 + 1, 1)


def weekday_of(days):
    """0 is Monday."""
    return civil(days).weekday()


def nth_weekday(month, n, weekday):
    """The n-th such weekday of a month, None if there is none."""
    if not 1 <= n <= 5:
        return None
    first = start_of(month)
    day = first + (weekday - weekday_of(first)) % 7 + 7 * (n - 1)
    return day if day <= DATE_MAX and month_of_date(day) == month else None


# ---- zones


def zone_covers(zone, time):
    return zone == "utc" or ZONE_START <= time < ZONE_END


def local_date(time, zone):
    """The date that clocks of a zone show at an instant; None outside the zone's years."""
    if zone == "utc":
        return time // DAY
    if not zone_covers(zone, time):
        return None
    moment = datetime.datetime.fromtimestamp(time, zoneinfo.ZoneInfo(ZONES[zone]))
    return moment.date().toordinal() - 719163


def instant_at(days, clock, zone):
    """The instant at which clocks of a zone show a date and a second of the day; None where it is
    outside the zone's years."""
    local = days * DAY + clock
    if zone == "utc":
        return local
    if not 1969 <= civil(days).year <= 2051:
        return None
    naive = EPOCH + datetime.timedelta(seconds=local)
    # fold=0: of a repeated time the first, and in a gap the offset before it, which moves forward
    offset = naive.replace(tzinfo=zoneinfo.ZoneInfo(ZONES[zone])).utcoffset()
    time = local - int(offset.total_seconds())
    return time if zone_covers(zone, time) else None
