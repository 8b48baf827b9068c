# SPDX-License-Identifier: Apache-2.0
"""Makes a state file for the cases beside it, by spec/state.md alone.

    make_state.py [--version 1] FILE [SQL...]    runs each SQL on it afterwards
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
    """What is kept of a subject."""
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
CHANGES = [(41, "{}"), (42, "{}")]
GONE = (2, "", b"")
OLDER = row(0, "D-1", [], [])


def in_segment(slot, subject, data):
    """A row as it stands in a segment."""
    body = number(slot) + number(len(subject.encode())) + subject.encode() + data
    return number(len(body)) + body


def segment(at, sequence, *rows):
    """A segment of the usual size."""
    content = b"".join(in_segment(*one) for one in rows)
    used = 20 + len(content)
    body = sequence.to_bytes(8, "little") + used.to_bytes(4, "little") + content
    return at, (add_bytes(at, body).to_bytes(8, "little") + body).ljust(16320, b"\0")


def make_first(file):
    """The form of version 1."""
    file.executescript("""
        CREATE TABLE subject (slot INTEGER PRIMARY KEY, id TEXT NOT NULL, data BLOB NOT NULL)
            STRICT;
        CREATE TABLE change (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT;
        PRAGMA user_version = 1;""")
    file.executemany("INSERT INTO subject VALUES (?, ?, ?)", ROWS)
    file.executemany("INSERT INTO change VALUES (?, ?)", CHANGES)


def make_second(file):
    """The form of version 2: in the first segment is what came last."""
    file.executescript("""
        CREATE TABLE segment (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
        CREATE TABLE changes (last INTEGER PRIMARY KEY, first INTEGER NOT NULL,
            events BLOB NOT NULL) STRICT;
        PRAGMA user_version = 2;""")
    file.execute("INSERT INTO segment VALUES (?, ?)", segment(0, 2, ROWS[1], GONE, ROWS[0]))
    file.execute("INSERT INTO segment VALUES (?, ?)",
                 segment(1, 1, OLDER, row(2, "D-2", [], []), ROWS[2]))
    first, last = CHANGES[0][0], CHANGES[-1][0]
    events = b"".join(number(len(event)) + event.encode() for _, event in CHANGES)
    total = add_bytes(add_word(add_word(0, first), last), events)
    file.execute("INSERT INTO changes VALUES (?, ?, ?)",
                 (last, first, b"\0" + events + total.to_bytes(8, "little")))


def main():
    """Makes the file."""
    words = sys.argv[1:]
    is_first = words[:2] == ["--version", "1"]
    words = words[2:] if is_first else words
    file = sqlite3.connect(words[0], isolation_level=None)
    file.executescript(f"""
        PRAGMA page_size = {4096 if is_first else 16384};
        PRAGMA journal_mode = WAL;
        PRAGMA application_id = 0x4d535452;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE name (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;""")
    file.executemany("INSERT INTO name VALUES (?, ?)", enumerate(NAMES, 1))
    if is_first:
        make_first(file)
    else:
        make_second(file)
    # One row has the sum of another slot, and an id is in a second slot.
    file.create_function("wrong_segment", 0, lambda: segment(
        1, 3, (9, *ROWS[2][1:]), row(7, "D-1", [], []))[1])
    file.create_function("other_byte", 2, lambda data, at: (
        data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]))
    for sql in words[1:]:
        file.execute(sql)
    file.close()


if __name__ == "__main__":
    main()
