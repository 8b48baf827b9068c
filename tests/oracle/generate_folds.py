# SPDX-License-Identifier: Apache-2.0
"""Random expressions over tables and lists: lookups, quantifiers, conditions on an element."""


class FoldGenerator:
    """Mixed into the generator of expressions, whose expr(), pick() and chance() it uses."""

    def columns_of(self, kind):
        return [(t, c) for t in self.tables for c, k in t["columns"].items() if k == kind]

    def make_lookup(self, kind, depth):
        keyed = [(t, c) for t, c in self.columns_of(kind) if t["key"]]
        if not keyed:
            return self.make_row_pick(kind, depth)
        table, column = self.pick(keyed)
        return (
            "%s[%s].%s"
            % (table["name"], self.expr(table["columns"][table["key"]], min(depth, 1)), column),
            10,
        )

    def make_row_pick(self, kind, depth):
        ordered = [(t, c) for t, c in self.columns_of(kind) if t["ordered"]]
        if not ordered:
            return self.literal(kind)
        table, column = self.pick(ordered)
        name, condition = self.over_table(table, depth)
        return (
            "%s(%s in %s where %s).%s"
            % (self.pick(["first", "last"]), name, table["name"], condition, column),
            10,
        )

    def with_locals(self, pairs, depth):
        """A condition that sees local names."""
        before, self.locals = self.locals, self.locals + pairs
        condition = self.expr("bool", min(depth, 2))
        self.locals = before
        return condition

    def over_table(self, table, depth):
        name = self.name("r")
        return name, self.with_locals(
            [(k, "%s.%s" % (name, c)) for c, k in table["columns"].items()], depth
        )

    def over_list(self, entry, depth):
        name = self.name("v")
        return name, self.with_locals(self.element_atoms(entry, name), depth)

    def element_atoms(self, entry, name):
        if entry["element"] in self.records:
            return [(k, "%s.%s" % (name, f)) for f, k in self.records[entry["element"]].items()]
        return [(entry["element"], name)]

    def make_any_all_table(self, kind, depth):
        table = self.pick(self.tables)
        name, condition = self.over_table(table, depth)
        return "%s(%s in %s: %s)" % (self.pick(["any", "all"]), name, table["name"], condition), 10

    def make_count_table(self, kind, depth):
        table = self.pick(self.tables)
        name, condition = self.over_table(table, depth)
        return "count(%s in %s: %s)" % (name, table["name"], condition), 10

    def make_in_table(self, kind, depth):
        table = self.pick([t for t in self.tables if t["key"]])
        key = self.expr(table["columns"][table["key"]], min(depth, 1), 6)
        return "%s %s %s" % (key, self.pick(["in", "not in"]), table["name"]), 5

    def make_any_all_list(self, kind, depth):
        entry = self.pick(self.lists)
        name, condition = self.over_list(entry, depth)
        return "%s(%s in %s: %s)" % (self.pick(["any", "all"]), name, entry["path"], condition), 10

    def make_count_list(self, kind, depth):
        entry = self.pick(self.lists)
        name, condition = self.over_list(entry, depth)
        return "count(%s in %s: %s)" % (name, entry["path"], condition), 10

    def make_element_pick(self, kind, depth):
        """first or last of a list, down to a value of the type asked for; None if no list gives
        one."""
        fitting = [
            (e, part[len("x") :])
            for e in self.lists
            for k, part in self.element_atoms(e, "x")
            if k == kind
        ]
        if not fitting:
            return None
        entry, tail = self.pick(fitting)
        name, condition = self.over_list(entry, depth)
        return (
            "%s(%s in %s where %s)%s"
            % (self.pick(["first", "last"]), name, entry["path"], condition, tail),
            10,
        )

    def source(self, depth):
        """Something to fold over: (name, source, locals)."""
        name = self.name("w")
        if self.lists and (not self.tables or self.chance(0.5)):
            entry = self.pick(self.lists)
            return name, entry["path"], self.element_atoms(entry, name)
        table = self.pick(self.tables)
        return name, table["name"], [(k, "%s.%s" % (name, c)) for c, k in table["columns"].items()]

    def fold(self, word, kind, depth):
        name, source, pairs = self.source(depth)
        where = " where " + self.with_locals(pairs, min(depth, 1)) if self.chance(0.5) else ""
        before, self.locals = self.locals, self.locals + pairs
        value = self.expr(kind, min(depth, 1))
        self.locals = before
        return "%s(%s in %s%s: %s)" % (word, name, source, where, value), 10

    def make_sum(self, kind, depth):
        return self.fold("sum", kind, depth)

    def make_min_max(self, kind, depth):
        if self.chance(0.3):
            return self.make_element_pick(kind, depth) or self.fold("min", kind, depth)
        return self.fold(self.pick(["min", "max"]), kind, depth)
