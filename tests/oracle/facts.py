# SPDX-License-Identifier: Apache-2.0
"""Data in: JSON records and CSV tables to values, after sections 4.1, 5.1 and 5.3 of
spec/language.md.

JSON is read into raw values that remember how numbers were written and which keys came twice.
"""

import csv
import io
import json
import os
import re

import builtins_
import calendar_
from values import (
    BOOL,
    DATE,
    DURATION,
    INT,
    MONTH,
    TEXT,
    TIME,
    VERSION,
    EnumType,
    ListType,
    Other,
    RecordType,
    Result,
    Row,
    lower_ascii,
    unknown,
)

MOST_BYTES, MOST_DEPTH, MOST_OTHER = 1048576, 64, 64
UNPAIRED = re.compile("[\ud800-\udfff]")
NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


class BadRecord(Exception):
    """A record that is rejected by itself."""


class Number:
    """A JSON number, as written."""

    def __init__(self, text):
        self.text = text


class Object:
    """A JSON object: its pairs in order, doubled keys and all."""

    def __init__(self, pairs):
        self.pairs = pairs


def refuse_constant(text):
    raise ValueError("%s is no JSON" % text)


DECODER = json.JSONDecoder(
    object_pairs_hook=Object, parse_int=Number, parse_float=Number, parse_constant=refuse_constant
)
SPACE = re.compile(r"[ \t\r\n]*")


def records_of(text):
    """The records of a stream or of one array; a BadRecord instance in the place of one that is
    none."""
    at = SPACE.match(text).end()
    if text[at : at + 1] == "[":
        yield from DECODER.raw_decode(text, at)[0]
        return
    while at < len(text):
        try:
            record, at = DECODER.raw_decode(text, at)
            yield record
        except ValueError as error:
            newline = text.find("\n", at)
            yield BadRecord(str(error))
            at = len(text) if newline < 0 else newline + 1
        at = SPACE.match(text, at).end()


def depth_of(value):
    if isinstance(value, Object):
        return 1 + max([depth_of(v) for _, v in value.pairs], default=0)
    if isinstance(value, list):
        return 1 + max([depth_of(v) for v in value], default=0)
    return 0


# ---- the reading table: readers return a value, None for invalid, or ABSENT

ABSENT = object()


def integral(number):
    """The value of a JSON number if it is integral and fits, else None."""
    sign, whole, fraction, exponent = NUMBER.fullmatch(number.text).groups()
    digits = (whole + (fraction or "")).lstrip("0")
    if not digits:
        return 0
    shift = int(exponent or 0) - len(fraction or "")
    while digits.endswith("0"):
        digits, shift = digits[:-1], shift + 1
    if shift < 0 or len(digits) + shift > 19:
        return None
    value = int(digits) * 10**shift * (-1 if sign else 1)
    return value if calendar_.INT_MIN <= value <= calendar_.INT_MAX else None


def spelling_of(raw):
    """A JSON scalar as text, exactly as written."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return raw.text if isinstance(raw, Number) else raw


def read_bool(raw):
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, Number):
        return {0: False, 1: True}.get(integral(raw))
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
        lower_ascii(raw)
    )


def read_int(raw):
    if isinstance(raw, Number):
        return integral(raw)
    return None if isinstance(raw, bool) else builtins_.int_of(raw)


def read_text(raw, most):
    text = spelling_of(raw)
    return text if len(text.encode("utf-8")) <= most else None


def read_enum(raw, kind):
    text = spelling_of(raw)
    if lower_ascii(text) in kind.spellings:
        return kind.spellings[lower_ascii(text)]
    if lower_ascii(text) in kind.unknown_spellings:
        return ABSENT
    return Other(text) if len(text.encode("utf-8")) <= MOST_OTHER else None


STRING_READERS = {
    VERSION: calendar_.version_of,
    DATE: calendar_.date_of,
    MONTH: calendar_.month_of,
    DURATION: calendar_.duration_of,
    TIME: calendar_.time_of,
}


def read_scalar(raw, kind, most):
    """A raw scalar by its declared type: a value, None if invalid, ABSENT if it means nothing."""
    if raw is None:
        return ABSENT
    if isinstance(raw, (Object, list)):
        return None
    if isinstance(raw, str) and UNPAIRED.search(raw):
        return None
    if kind is BOOL:
        return read_bool(raw)
    if kind is INT:
        return read_int(raw)
    if kind is TEXT:
        return read_text(raw, most)
    if isinstance(kind, EnumType):
        return read_enum(raw, kind)
    return STRING_READERS[kind](raw) if isinstance(raw, str) else None


class Reader:
    """Reads the value of one fact; the causes of all that is unknown in it name the fact."""

    def __init__(self, fact):
        self.fact = fact
        position, name = fact.origin
        self.missing = unknown([("missing", position, name)])
        self.invalid = unknown([("invalid", position, name)])

    def read(self, raw, kind, most):
        """A raw value as a Result; `self.missing` itself where it is absent."""
        if isinstance(kind, ListType):
            return self.missing if raw is None else self.read_list(raw, kind)
        if isinstance(kind, RecordType):
            return self.missing if raw is None else self.read_record(raw, kind)
        value = read_scalar(raw, kind, most)
        return self.missing if value is ABSENT else self.invalid if value is None else Result(value)

    def read_record(self, raw, kind):
        if not isinstance(raw, Object):
            return self.invalid
        last = dict(raw.pairs)
        return Result(
            {
                name: self.read(last.get(key), field, most)
                for name, (field, most, key) in kind.fields.items()
            }
        )

    def read_list(self, raw, kind):
        elements = raw if isinstance(raw, list) else [raw]
        found = [self.read(element, kind.element, kind.bytes) for element in elements[: kind.size]]
        if len(elements) > kind.size:
            found.append(self.invalid)
        return Result(found)


class Record:
    """The facts of one record, addressed by full path."""

    def __init__(self, program, raw):
        if isinstance(raw, BadRecord):
            raise raw
        if not isinstance(raw, Object):
            raise BadRecord("a record is a JSON object")
        if depth_of(raw) > MOST_DEPTH:
            raise BadRecord("nested deeper than 64")
        wanted = {}
        for group in program.groups.values():
            wanted.update({fact.path: None for fact in group.facts})
        self.raw, self.observed_texts = {}, {}
        self.walk(raw, "", wanted)
        self.facts = {}
        for group in program.groups.values():
            for fact in group.facts:
                self.facts[fact] = Reader(fact).read(self.raw.get(fact.path), fact.type, fact.bytes)

    def walk(self, raw, prefix, wanted):
        """Visit every key in order, so that the last occurrence of a fact counts."""
        for key, value in raw.pairs:
            path = prefix + key
            if path.startswith("observed."):
                self.observed_texts[path[len("observed.") :]] = value
            if path in wanted:
                self.raw[path] = value
            if isinstance(value, Object):
                self.walk(value, path + ".", wanted)

    def observed(self, group):
        """When the record says that a group was observed; None if it does not say so.

        What does not read as a time is older than anything: it must not pass for fresh.
        """
        said = self.observed_texts.get(group.name)
        if said is None:
            return None
        time = calendar_.time_of(said) if isinstance(said, str) else None
        return calendar_.TIME_MIN if time is None else time

    def is_missing(self, fact):
        result = self.facts[fact]
        return not result.known and all(cause == "missing" for cause, _, _ in result.causes)


# ---- tables


class TableError(Exception):
    """A CSV table that is not what the rules say."""


def table_rows(table, evaluate_cell, evaluate_column):
    """All rows of a table, in its order; cells of computed columns by the function given."""
    empty = unknown([("fault",) + table.origin])
    rows = csv_rows(table) if table.rows is None else table.rows
    most = table.at_most if table.at_most is not None else 100000
    if len(rows) > most:
        raise TableError("table %s has more than %d rows" % (table.name, most))
    found = []
    for row in rows:
        cells, written = {}, iter(row)
        for column in table.columns:
            if column.value is not None:
                result = evaluate_column(column.value, cells, table)
            else:
                cell = next(written)
                result = (
                    read_cell(cell, column, table) if isinstance(cell, str) else evaluate_cell(cell)
                )
            cells[column.name] = result if result is not None and result.known else empty
        found.append(Row(cells))
    check_keys(table, found)
    return order_rows(table, found)


def read_cell(text, column, table):
    """A CSV cell: a value, or None where it is empty and may be."""
    if text == "" and column.optional:
        return None
    value = read_scalar(text, column.type, column.bytes) if text != "" else None
    if value is ABSENT and column.optional:
        return None
    if value is None or value is ABSENT or isinstance(value, Other):
        raise TableError("table %s, column %s: bad cell %r" % (table.name, column.name, text))
    return Result(value)


def csv_rows(table):
    """The cells of the columns that are not computed, row by row."""
    path = os.path.join(os.path.dirname(table.module.path), table.csv)
    with open(path, "rb") as file:
        text = file.read().decode("utf-8-sig")
    lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    header = lines[0]
    places = []
    for column in table.columns:
        if column.value is None:
            if header.count(column.header) != 1:
                raise TableError(
                    "table %s: column %s must stand once in the header"
                    % (table.name, column.header)
                )
            places.append(header.index(column.header))
    if any(len(line) != len(header) for line in lines):
        raise TableError("table %s: a row has too few or too many cells" % table.name)
    return [[line[place] for place in places] for line in lines[1:]]


def check_keys(table, rows):
    if table.key is None:
        return
    keys = [row.cells[table.key.name] for row in rows]
    if any(not key.known for key in keys) or len({key.value for key in keys}) != len(keys):
        raise TableError("table %s: keys are known and unique" % table.name)


def order_rows(table, rows):
    if table.ordered_by is None:
        return rows
    if any(not row.cells[table.ordered_by].known for row in rows):
        raise TableError("table %s: %s is unknown in a row" % (table.name, table.ordered_by))
    return sorted(rows, key=lambda row: row.cells[table.ordered_by].value)
