# SPDX-License-Identifier: Apache-2.0
"""Types, values and results of the language, and how values print.

A result of an expression is either a value (with the slope of a ramp) or unknown with causes;
everything the evaluator passes around is a Result.
"""

import calendar_


class Type:
    """A scalar type; each is one object."""

    def __init__(self, name, ordered=False):
        self.name, self.ordered = name, ordered

    def __repr__(self):
        return self.name


BOOL, TEXT = Type("bool"), Type("text")
INT, VERSION, DATE = Type("int", True), Type("version", True), Type("date", True)
MONTH, DURATION, TIME = Type("month", True), Type("duration", True), Type("time", True)
SCALARS = {
    scalar.name: scalar for scalar in (BOOL, INT, TEXT, VERSION, DATE, MONTH, DURATION, TIME)
}


class EnumType(Type):
    """A declared enum: its members, and what data spells them."""

    def __init__(self, name, members, unknown_spellings=(), has_other=True):
        super().__init__(name)
        self.members = [member for member, _ in members]
        self.has_other = has_other
        self.unknown_spellings = {lower_ascii(text) for text in unknown_spellings}
        self.spellings = {}
        for member, texts in members:
            for text in [member] + list(texts):
                self.spellings.setdefault(lower_ascii(text), member)


class RecordType(Type):
    """A record: fields as name -> (type, most bytes, key)."""

    def __init__(self, name, fields):
        super().__init__(name)
        self.fields = fields


class RowType(Type):
    """The rows of a table: columns as name -> type."""

    def __init__(self, table):
        super().__init__("row of " + table.name)
        self.table = table


class ListType(Type):
    """list<T, N>; `bytes` bounds the texts in it."""

    def __init__(self, element, size, most_bytes):
        super().__init__("list")
        self.element, self.size, self.bytes = element, size, most_bytes


def same_type(a, b):
    """Are two types one type? Lists are one type by their elements."""
    if isinstance(a, ListType) and isinstance(b, ListType):
        return same_type(a.element, b.element)
    return a is b


def is_scalar(kind):
    return not isinstance(kind, (RecordType, RowType, ListType))


class Other:
    """The member `other`, with the spelling as it came; a written `other` has none."""

    def __init__(self, spelling=None):
        self.spelling = spelling

    def __repr__(self):
        return "other"


class Row:
    """A row of a table: column -> Result."""

    def __init__(self, cells):
        self.cells = cells


class Result:
    """What an expression came to: a value, or unknown with causes. `slope` is +1 or -1 for a
    ramp, else 0."""

    __slots__ = ("value", "causes", "slope")

    def __init__(self, value, causes=None, slope=0):
        self.value, self.causes, self.slope = value, causes, slope

    @property
    def known(self):
        return self.causes is None

    def __repr__(self):
        return repr(self.value) if self.known else "unknown%r" % sorted(self.causes)


def unknown(causes):
    return Result(None, frozenset(causes))


def unite(*results):
    """Unknown, with the causes of all that are unknown."""
    return Result(
        None, frozenset().union(*(result.causes for result in results if not result.known))
    )


TRUE, FALSE = Result(True), Result(False)


def truth(value):
    return TRUE if value else FALSE


def lower_ascii(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def upper_ascii(text):
    return "".join(chr(ord(c) - 32) if "a" <= c <= "z" else c for c in text)


def print_value(value, kind):
    """A known value as its literal, which is how messages and fields show it."""
    if isinstance(value, Other):
        return "other" if value.spelling is None else value.spelling
    if kind is BOOL:
        return "true" if value else "false"
    printers = {
        VERSION: calendar_.print_version,
        DATE: calendar_.print_date,
        MONTH: calendar_.print_month,
        DURATION: calendar_.print_duration,
        TIME: calendar_.print_time,
    }
    return printers.get(kind, str)(value)
