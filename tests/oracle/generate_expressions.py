# SPDX-License-Identifier: Apache-2.0
"""Random well-typed expressions. Every method gives (text, level of its operator), so that the
caller writes parentheses where the grammar needs them, and now and then where it does not.
"""

import random

from generate_folds import FoldGenerator
from generate_pools import (
    CLOCKS,
    DATES,
    DURATIONS,
    INTS,
    MONTHS,
    ORDERED,
    PATTERNS,
    quote,
    RARE_DATES,
    RARE_INTS,
    RARE_MONTHS,
    RARE_TIMES,
    SCALARS,
    TIMES,
    VERSIONS,
    WEEKDAYS,
    WORDS,
    ZONES,
)
from generate_versions import VersionGenerator


class ExpressionGenerator(FoldGenerator, VersionGenerator):
    """Builds one case. `atoms[type]` are expressions of a type that are no literals."""

    def __init__(self, seed, features="all"):
        self.random = random.Random(seed)
        self.all = features == "all"
        self.items, self.facts, self.enums, self.records = [], [], {}, {}
        self.atoms = {}
        self.groups, self.sets, self.tables, self.lists = [], {}, [], []
        self.ramps = {("time", 1): ["now"]}
        self.defs, self.policies, self.decisions = [], [], []
        self.homes = {}
        self.printable = []
        self.names = 0
        self.csv = {}
        self.locals = []

    # ---- small helpers

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, options):
        return self.random.choice(options)

    def name(self, prefix):
        self.names += 1
        return "%s%d" % (prefix, self.names)

    def add_atom(self, kind, text):
        self.atoms.setdefault(kind, []).append(text)

    # ---- literals

    def literal(self, kind):
        """A literal expression of a type, and its level."""
        rare = self.chance(0.08)
        if kind == "bool":
            return self.pick(["true", "false"]), 10
        if kind == "int":
            text = self.pick(RARE_INTS if rare else INTS)
            return ("-" + text, 9) if self.chance(0.12) else (text, 10)
        if kind == "text":
            return quote(self.pick(WORDS)), 10
        if kind == "version":
            return self.pick(VERSIONS), 10
        if kind == "date":
            return self.pick(RARE_DATES if rare else DATES), 10
        if kind == "month":
            return self.pick(RARE_MONTHS if rare else MONTHS), 10
        if kind == "duration":
            text = self.pick(DURATIONS)
            return ("-" + text, 9) if self.chance(0.1) else (text, 10)
        if kind == "time":
            return self.pick(RARE_TIMES if rare else TIMES), 10
        if kind == "weekday":
            return "weekday." + self.pick(WEEKDAYS), 10
        return "%s.%s" % (kind, self.pick(self.enums[kind])), 10

    def constant(self, kind):
        """A constant that surely has a value, for params, sets and cells."""
        if kind == "text":
            return quote(self.pick(WORDS[1:]))
        if kind in self.enums:
            return self.pick(self.enums[kind])
        pools = {
            "bool": ["true", "false"],
            "int": INTS,
            "version": VERSIONS,
            "date": DATES,
            "month": MONTHS,
            "duration": DURATIONS,
            "time": TIMES,
        }
        return self.pick(pools[kind])

    # ---- expressions: every method gives (text, level)

    def wrap(self, made, need):
        """An operand: in parentheses where the grammar needs them, and now and then where not."""
        text, level = made
        return "(%s)" % text if level < need or self.chance(0.05) else text

    def expr(self, kind, depth, need=1):
        """An expression of a type that is no ramp."""
        return self.wrap(self.raw(kind, depth), need)

    def raw(self, kind, depth):
        atoms = [text for name, text in self.locals if name == kind] * 3 + self.atoms.get(kind, [])
        if depth <= 0 or self.chance(0.12):
            return (self.pick(atoms), 10) if atoms and not self.chance(0.25) else self.literal(kind)
        if self.chance(0.25) and atoms:
            return self.pick(atoms), 10
        return self.pick(self.productions(kind))(kind, depth - 1)

    def productions(self, kind):
        found = [self.make_if, self.make_default]
        found += getattr(self, "productions_" + kind, lambda: [])()
        if self.all:
            if kind in self.enums or kind == "weekday":
                found.append(self.make_fold_pick)
            if kind in ORDERED:
                found += [self.make_min_max] * (2 if self.lists or self.tables else 0)
            if self.defs_of(kind):
                found += [self.make_def_call] * 2
        if self.tables and self.columns_of(kind):
            found += [self.make_lookup, self.make_row_pick]
        return found

    def make_if(self, kind, depth):
        return (
            "if %s then %s else %s"
            % (self.expr("bool", depth), self.expr(kind, depth), self.expr(kind, depth)),
            1,
        )

    def make_default(self, kind, depth):
        return "%s ?? %s" % (self.expr(kind, depth, 6), self.expr(kind, depth, 7)), 6

    def make_fold_pick(self, kind, depth):
        return self.make_element_pick(kind, depth) or self.literal(kind)

    def defs_of(self, kind):
        return [d for d in self.defs if d[2] == kind]

    def make_def_call(self, kind, depth):
        name, params, _ = self.pick(self.defs_of(kind))
        return "%s(%s)" % (name, ", ".join(self.expr(param, depth) for param in params)), 10

    # bool

    def productions_bool(self):
        found = (
            [self.make_compare] * 4
            + [self.make_and_or] * 4
            + [self.make_not] * 2
            + [self.make_in] * 2
        )
        found += [self.make_is_unknown, self.make_now_compare, self.make_now_compare]
        if self.tables:
            found += [self.make_any_all_table] * 2
            if any(table["key"] for table in self.tables):
                found.append(self.make_in_table)
        if self.policies or self.decisions:
            found.append(self.make_verdict_test)
        if self.all:
            found += [
                self.make_like,
                self.make_within,
                self.make_part_test,
                self.make_text_test,
                self.make_direct,
                self.make_ramp_step,
            ]
            if self.lists:
                found += [self.make_any_all_list] * 2
            if any(ramp for ramp in self.defs if ramp[2] == "ramp"):
                found.append(self.make_ramp_def)
        return found

    def make_compare(self, kind, depth):
        if self.chance(0.25):
            enum = self.pick(list(self.enums))
            return self.make_enum_compare(enum, depth)
        if self.chance(0.5):
            operand = self.pick(ORDERED)
            operator = self.pick(["<", "<=", ">", ">=", "==", "!="])
        else:
            operand, operator = self.pick(["bool", "text", "version", "int"]), self.pick(
                ["==", "!="]
            )
        return (
            "%s %s %s" % (self.expr(operand, depth, 6), operator, self.expr(operand, depth, 6)),
            5,
        )

    def make_enum_compare(self, enum, depth):
        left = self.expr(enum, depth, 6)
        right = (
            self.pick(self.enums[enum] + ["other"])
            if self.chance(0.6)
            else self.expr(enum, depth, 6)
        )
        if self.chance(0.2):
            left, right = right, left
        if "." not in left and "." not in right:
            left = "%s.%s" % (enum, left) if left in self.enums[enum] + ["other"] else left
        return "%s %s %s" % (left, self.pick(["==", "!="]), right), 5

    def make_and_or(self, kind, depth):
        word, level = self.pick([("and", 3), ("or", 2)])
        return (
            "%s %s %s"
            % (self.expr("bool", depth, level), word, self.expr("bool", depth, level + 1)),
            level,
        )

    def make_not(self, kind, depth):
        return "not " + self.expr("bool", depth, 4), 4

    def make_in(self, kind, depth):
        word = self.pick(["in", "not in"])
        named = [name for name, of in self.sets.items()]
        if named and self.chance(0.4):
            name = self.pick(named)
            return "%s %s %s" % (self.expr(self.sets[name], depth, 6), word, name), 5
        operand = self.pick(list(self.enums) + ["int", "text", "version", "date"])
        elements = []
        for _ in range(self.random.randint(1, 3)):
            same = [name for name in named if self.sets[name] == operand]
            if operand in self.enums and self.chance(0.6):
                elements.append(self.pick(self.enums[operand] + ["other"]))
            elif same and self.chance(0.2):
                elements.append(self.pick(same))
            elif self.chance(0.7):
                elements.append(self.literal(operand)[0])
            else:
                elements.append(self.expr(operand, depth - 1))
        return "%s %s {%s}" % (self.expr(operand, depth, 6), word, ", ".join(elements)), 5

    def make_is_unknown(self, kind, depth):
        word = self.pick(["is unknown", "is not unknown"])
        if self.all and self.chance(0.1):
            return "(%s) %s" % (self.ramp("time", 1, depth)[0], word), 5
        if self.lists and self.chance(0.1):
            return "%s %s" % (self.pick(self.lists)["path"], word), 5
        return "%s %s" % (self.expr(self.pick(SCALARS + list(self.enums)), depth, 6), word), 5

    def make_verdict_test(self, kind, depth):
        if self.decisions and (not self.policies or self.chance(0.4)):
            name, outcomes, _ = self.pick(self.decisions)
            if self.chance(0.2):
                return "%s is unknown" % name, 5
            return "%s %s %s" % (name, self.pick(["==", "!="]), self.pick(outcomes)), 5
        name, outcomes, checks = self.pick(self.policies)
        form = self.random.randint(0, 3)
        if form == 0 and checks:
            return "%s.check == %s" % (name, self.pick(checks)), 5
        if form == 1:
            return "%s is unknown" % name, 5
        if form == 2 and checks:
            return (
                "%s.check in {%s}"
                % (name, ", ".join(self.random.sample(checks, min(2, len(checks))))),
                5,
            )
        return "%s %s %s" % (name, self.pick(["==", "!="]), self.pick(outcomes)), 5

    def make_like(self, kind, depth):
        return "%s like %s" % (self.expr("text", depth, 6), quote(self.pick(PATTERNS))), 5

    def make_text_test(self, kind, depth):
        function = self.pick(["starts_with", "ends_with", "contains"])
        return "%s(%s, %s)" % (function, self.expr("text", depth), self.expr("text", depth)), 10

    # ramps

    def make_now_compare(self, kind, depth):
        """A comparison with something that moves, on either side."""
        operand = self.pick(["time", "duration"])
        if self.all:
            moving = self.ramp(operand, self.pick([1, -1]), depth)
        else:
            atoms = self.atoms.get("time", []) or [self.pick(TIMES)]
            moving = ("now", 10) if operand == "time" else ("now - " + self.pick(atoms), 7)
        left, right = self.wrap(moving, 6), self.expr(operand, min(depth, 1), 6)
        if self.chance(0.4):
            left, right = right, left
        return "%s %s %s" % (left, self.pick(["<", "<=", ">", ">=", "==", "!="]), right), 5

    def ramp(self, kind, slope, depth):
        """A ramp: (text, level)."""
        ready = self.ramps.get((kind, slope), [])
        if ready and (depth <= 0 or self.chance(0.4)):
            return self.pick(ready), 10
        depth -= 1
        if kind == "time" and slope == 1:
            if depth > 0 and self.chance(0.2):
                return (
                    "%s + %s"
                    % (self.expr("time", 0, 7), self.wrap(self.ramp("duration", 1, depth), 8)),
                    7,
                )
            return (
                "%s %s %s"
                % (
                    self.wrap(self.ramp("time", 1, depth), 7),
                    self.pick("+-"),
                    self.expr("duration", 0, 8),
                ),
                7,
            )
        if kind == "time":
            return (
                "%s - %s"
                % (self.expr("time", 0, 7), self.wrap(self.ramp("duration", 1, depth), 8)),
                7,
            )
        if slope == 1:
            if depth > 0 and self.chance(0.2):
                return "-" + self.wrap(self.ramp("duration", -1, depth), 9), 9
            return (
                "%s - %s" % (self.wrap(self.ramp("time", 1, depth), 7), self.expr("time", 0, 8)),
                7,
            )
        return "%s - %s" % (self.expr("time", 0, 7), self.wrap(self.ramp("time", 1, depth), 8)), 7

    def make_direct(self, kind, depth):
        """date, month_of or year of a rising time, directly in a comparison."""
        operator = self.pick(["<", "<=", ">", ">=", "==", "!="])
        moving = self.ramp("time", 1, depth - 1)[0]
        form = self.pick(["date", "date", "month_of", "year"])
        operand = {"date": "date", "month_of": "month", "year": "int"}[form]
        zone = ", " + self.pick(ZONES) if form != "year" and self.chance(0.6) else ""
        left = "%s(%s%s)" % (form, moving, zone)
        right = (
            self.expr(operand, 0, 6)
            if operand != "int"
            else self.pick(["2026", "2027", self.expr("int", 0, 6)])
        )
        if self.chance(0.3):
            left, right = right, left
        return "%s %s %s" % (left, operator, right), 5

    def make_ramp_step(self, kind, depth):
        """A step made of a ramp, in a place where its boundary counts."""
        form = self.pick(
            [
                "days",
                "month",
                "day",
                "quarter",
                "weekday",
                "weekday of",
                "date",
                "year",
                "in",
                "let",
            ]
        )
        operator = self.pick(["<", "<=", ">", ">=", "==", "!="])
        if form == "days":
            return (
                "days(%s) %s %s"
                % (self.ramp("duration", 1, depth)[0], operator, self.expr("int", 0, 6)),
                5,
            )
        moving = self.ramp("time", 1, depth - 1)[0]
        if form in ("month", "day", "quarter"):
            return "%s(%s) %s %s" % (form, moving, operator, self.expr("int", 0, 6)), 5
        if form == "weekday":
            return "weekday(%s) in {%s}" % (moving, ", ".join(self.random.sample(WEEKDAYS, 2))), 5
        if form == "weekday of":
            return (
                "weekday(%s) %s %s"
                % (
                    self.expr(self.pick(["time", "date"]), depth),
                    self.pick(["==", "!="]),
                    self.pick(WEEKDAYS),
                ),
                5,
            )
        if form == "in":
            return (
                "date(%s, %s) in {2026-08-15, 2026-08-14, %s}"
                % (moving, self.pick(ZONES), self.expr("date", 0)),
                5,
            )
        if form == "year":
            return "year(date(%s)) %s 2026" % (moving, operator), 5
        return "date(%s) %s %s" % (moving, operator, self.expr("date", max(depth, 1), 6)), 5

    def make_ramp_def(self, kind, depth):
        name = self.pick([d for d in self.defs if d[2] == "ramp"])[0]
        other = self.pick(self.atoms.get("date", DATES)) if self.chance(0.7) else self.pick(DATES)
        return "%s(%s, %s)" % (name, self.ramp("time", 1, 1)[0], other), 10

    # int and others

    def productions_int(self):
        found = [self.make_arithmetic] * 3 + [self.make_negate, self.make_part]
        if self.tables:
            found.append(self.make_count_table)
        if self.all:
            found += [self.make_int_builtin] * 4
            if self.lists:
                found += [self.make_count_list]
            if self.lists or self.tables:
                found += [self.make_sum] * 2
        return found

    def make_arithmetic(self, kind, depth):
        operator, level = self.pick([("+", 7), ("-", 7), ("*", 8), ("/", 8), ("%", 8)])
        return (
            "%s %s %s"
            % (self.expr(kind, depth, level), operator, self.expr(kind, depth, level + 1)),
            level,
        )

    def make_negate(self, kind, depth):
        return "-" + self.expr(kind, depth, 9), 9

    def make_int_builtin(self, kind, depth):
        form = self.pick(["length", "int", "year", "month", "quarter", "day", "days", "months"])
        if form == "length":
            return "length(%s)" % self.expr("text", depth), 10
        if form == "int":
            return "int(%s)" % self.expr("text", min(depth, 1)), 10
        if form == "days":
            return "days(%s)" % self.expr("duration", depth), 10
        if form == "months":
            return "%s - %s" % (self.expr("month", depth, 7), self.expr("month", depth, 8)), 7
        operand = self.pick(["time", "date"] if form == "day" else ["time", "date", "month"])
        return "%s(%s)" % (form, self.expr(operand, depth)), 10

    def productions_text(self):
        return [self.make_text_builtin] * 4 if self.all else []

    def make_text_builtin(self, kind, depth):
        form = self.pick(["lower", "upper", "trim", "split_part", "text"])
        if form == "split_part":
            return (
                "split_part(%s, %s, %s)"
                % (
                    self.expr("text", depth),
                    quote(self.pick([".", "-", "a", ""])),
                    self.pick(["1", "2", self.expr("int", 0)]),
                ),
                10,
            )
        if form == "text":
            return (
                "text(%s)"
                % self.expr(self.pick(SCALARS[:-1] + list(self.enums) + ["time"]), depth),
                10,
            )
        return "%s(%s)" % (form, self.expr("text", depth)), 10

    def productions_date(self):
        if not self.all:
            return []
        return [self.make_date] * 4

    def make_date(self, kind, depth):
        form = self.random.randint(0, 5)
        if form == 0:
            return (
                "%s %s %s"
                % (self.expr("date", depth, 7), self.pick("+-"), self.expr("duration", depth, 8)),
                7,
            )
        if form == 1:
            return "date(%s, %s)" % (self.expr("time", depth), self.pick(ZONES)), 10
        if form == 2:
            return "date(%s)" % self.expr(self.pick(["time", "text"]), depth), 10
        if form == 3:
            return "start_of(%s)" % self.expr("month", depth + 1), 10
        if form == 4:
            return (
                "%s %s days(%s)"
                % (self.expr("date", depth, 7), self.pick("+-"), self.expr("int", 0)),
                7,
            )
        return (
            "nth_weekday(%s, %s, %s)"
            % (
                self.expr("month", depth),
                self.pick(["1", "2", "5", self.expr("int", 0)]),
                self.pick(WEEKDAYS),
            ),
            10,
        )

    def productions_month(self):
        return [self.make_month] * 3 if self.all else []

    def make_month(self, kind, depth):
        form = self.random.randint(0, 3)
        if form == 0:
            return (
                "%s %s %s"
                % (self.expr("month", depth, 7), self.pick("+-"), self.expr("int", depth, 8)),
                7,
            )
        if form == 1:
            return "month_of(%s)" % self.expr(self.pick(["time", "date"]), depth), 10
        return "month_of(%s, %s)" % (self.expr("time", depth), self.pick(ZONES)), 10

    def productions_duration(self):
        return [self.make_duration] * 4 if self.all else []

    def make_duration(self, kind, depth):
        form = self.random.randint(0, 7)
        if form == 0:
            return (
                "%s %s %s"
                % (self.expr(kind, depth, 7), self.pick("+-"), self.expr(kind, depth, 8)),
                7,
            )
        if form == 1:
            return "%s * %s" % (self.expr(kind, depth, 8), self.expr("int", depth, 9)), 8
        if form == 2:
            return "%s * %s" % (self.expr("int", depth, 8), self.expr(kind, depth, 9)), 8
        if form == 3:
            operand = self.pick(["time", "date"])
            return "%s - %s" % (self.expr(operand, depth, 7), self.expr(operand, depth, 8)), 7
        if form == 4:
            return "days(%s)" % self.expr("int", depth), 10
        if form == 5:
            return "duration(%s)" % self.expr("text", min(depth, 1)), 10
        if form == 6 and (self.lists or self.tables):
            return self.make_sum(kind, depth)
        if self.chance(0.4):  # two equal ramps: what is left is no ramp
            slope = self.pick([1, -1])
            return (
                "%s - %s"
                % (
                    self.wrap(self.ramp("time", slope, 1), 7),
                    self.wrap(self.ramp("time", slope, 1), 8),
                ),
                7,
            )
        return self.make_negate(kind, depth)

    def productions_time(self):
        return [self.make_time] * 3 if self.all else []

    def make_time(self, kind, depth):
        form = self.random.randint(0, 3)
        if form == 0:
            return (
                "at(%s, %s, %s)" % (self.expr("date", depth), self.pick(CLOCKS), self.pick(ZONES)),
                10,
            )
        if form == 1:
            return "time(%s)" % self.expr("text", min(depth, 1)), 10
        return (
            "%s %s %s"
            % (self.expr("time", depth, 7), self.pick("+-"), self.expr("duration", depth, 8)),
            7,
        )

    def productions_weekday(self):
        return [
            lambda kind, depth: ("weekday(%s)" % self.expr(self.pick(["time", "date"]), depth), 10)
        ]
