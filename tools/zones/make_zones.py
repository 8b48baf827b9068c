#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes lang/zones.csv from the system's tzdata: make_zones.py OUT.

One row for each change of a zone's offset from 1970 to 2050 (the years that zones cover). The
first row of a zone has no instant: its offset holds from the beginning. Rule files name zones by
the first column; spec/language.md, section 10.3, lists them.
"""
import csv
import datetime
import sys
import zoneinfo

ZONES = {
    "utc": "UTC",
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
BEGIN = int(datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc).timestamp()) - 86400
END = int(datetime.datetime(2051, 1, 2, tzinfo=datetime.timezone.utc).timestamp())
STEP_S = 6 * 3600  # no zone here changed twice within six hours


def offset_at(zone, instant):
    """Seconds that the zone is ahead of UTC."""
    moment = datetime.datetime.fromtimestamp(instant, datetime.timezone.utc)
    return int(moment.astimezone(zone).utcoffset().total_seconds())


def change_between(zone, low, high):
    """The first second after `low` at which the offset differs, known to be at most `high`."""
    before = offset_at(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def transitions(name):
    """(instant or None, offset) in order."""
    zone = zoneinfo.ZoneInfo(name)
    yield None, offset_at(zone, BEGIN)
    for low in range(BEGIN, END, STEP_S):
        if offset_at(zone, low) != offset_at(zone, low + STEP_S):
            at = change_between(zone, low, low + STEP_S)
            yield at, offset_at(zone, at)


def main():
    with open(sys.argv[1], "w", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["zone", "at", "offset_s"])
        for name, tz in ZONES.items():
            for at, offset in transitions(tz):
                rows.writerow([name, "" if at is None else at, offset])


if __name__ == "__main__":
    main()
