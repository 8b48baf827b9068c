# SPDX-License-Identifier: Apache-2.0
"""Makes a state file for the cases beside it, by spec/state.md alone.

    make_state.py FILE [SQL...]    runs each SQL on it afterwards
"""

import sqlite3
import sys

NEVER = None
MASK = (1 << 64) - 1
NAMES = ["os", "vbs", "readiness", "ready", "not_ready", "mdm", "windows.hotpatch@2026.11+3fa9c210",
         "next_step", "update"]
PASS, FAIL, CASE = 0, 1, 2


def add_word(total, word):
    """One step of the sum."""
    total = (total ^ word) * 0x9e3779b97f4a7c15 & MASK
    return total ^ total >> 32


def add_bytes(total, data):
    """The length, then words of 8 bytes, the last one filled up with zeros."""
    total = add_word(total, len(data))
    for at in range(0, len(data), 8):
        total = add_word(total, int.from_bytes(data[at:at + 8].ljust(8, b"\0"), "little"))
    return total


def number(value):
    """7 bits a byte, the lowest first."""
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7f | 0x80])
        value >>= 7
    return out + bytes([value])


def instant(value):
    """Signed: the sign goes to the lowest bit."""
    return number((value << 1 ^ value >> 63) & MASK)


def name(text):
    """The number of a name; 0 is the empty one."""
    return number(NAMES.index(text) + 1 if text else 0)


def verdict(what, outcome, kind, check, since, until):
    """One verdict."""
    out = name(what) + name(outcome) + name(check) + name(NAMES[6])
    out += number(kind << 1 | (until is NEVER)) + instant(since)
    return out if until is NEVER else out + instant(until)


def group(what, observed, text):
    """One group of facts."""
    return name(what) + instant(observed) + number(len(text)) + text.encode()


def row(slot, subject, verdicts, groups):
    """What a subject takes in the table."""
    body = number(len(verdicts)) + number(len(groups)) + b"".join(verdicts) + b"".join(groups)
    total = add_bytes(add_bytes(slot, subject.encode()), body)
    return slot, subject, total.to_bytes(8, "little") + body


ROWS = [
    row(0, "D-1", [verdict("readiness", "ready", PASS, "", 1785542400, 1788886800)],
        [group("os", 1786752000, '{"build":"26100.9106"}'), group("vbs", 1786752060, "")]),
    row(3, 'D-"3"', [
        verdict("readiness", "not_ready", FAIL, "mdm", 1786752000, NEVER),
        verdict("next_step", "update", CASE, "", -1, NEVER)], [group("os", 1786752000, "{}")]),
    row(4, "D-4", [], []),
]


def main():
    """Makes the file in the form of version 1."""
    file = sqlite3.connect(sys.argv[1], isolation_level=None)
    file.executescript("""
        PRAGMA journal_mode = WAL;
        PRAGMA application_id = 0x4d535452;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE name (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
        CREATE TABLE subject (slot INTEGER PRIMARY KEY, id TEXT NOT NULL, data BLOB NOT NULL)
            STRICT;
        CREATE TABLE change (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT;
        PRAGMA user_version = 1;""")
    file.executemany("INSERT INTO name VALUES (?, ?)", enumerate(NAMES, 1))
    file.executemany("INSERT INTO subject VALUES (?, ?, ?)", ROWS)
    file.executemany("INSERT INTO change VALUES (?, '{}')", [(41,), (42,)])
    for sql in sys.argv[2:]:
        file.execute(sql)
    file.close()


if __name__ == "__main__":
    main()
