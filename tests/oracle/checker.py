# SPDX-License-Identifier: Apache-2.0
"""Declarations and items of a whole program: their types, and what is refused.

Expressions are checked in check_expressions.py, ramps and cycles in slopes.py.
"""

import slopes
from check_expressions import ExpressionChecker, Scope
from program import BUILTIN_TYPES
from syntax import Node
from values import BOOL, TEXT, TIME, EnumType, ListType, RecordType, RowType, is_scalar, same_type

FORBIDDEN_FIELDS = {"valid_until", "missing", "invalid", "stale", "undecided", "fault"}


class VerdictType(EnumType):
    """The type of one policy or decision, or of one policy's checks."""

    def __init__(self, name, members):
        super().__init__(name, [(member, []) for member in members], has_other=False)


class Check:
    """A check or advise as it stands in a policy, after includes are put in."""

    def __init__(self, node, policy, module, position):
        self.node, self.name, self.kind = node, node.name, node.kind
        self.module = module  # whose names its expressions use
        self.origin = (position, "%s%s.%s" % (policy.module.prefix, policy.name, node.name))


class Checker(ExpressionChecker):
    """Checks a whole program, item by item; types of lets are found when first needed."""

    def __init__(self, program):
        super().__init__()
        self.program = program
        for step in (
            self.declare_types,
            self.declare_facts,
            self.declare_tables,
            self.declare_functions,
            self.declare_verdicts,
        ):
            for module in program.modules:
                step(module)
        for module in program.modules:
            self.check_module(module)
        slopes.check_cycles(program)
        slopes.check_program(program)

    # ---- types

    def declare_types(self, module):
        for item in module.items("enum"):
            self.check_enum(item, module)
        for item in module.items("record"):
            fields = {}
            for field in item.fields:
                if field.name in fields:
                    module.fail(field, "field %s stands twice" % field.name)
                kind, most = self.type_of(field.type_, module)
                if not is_scalar(kind):
                    module.fail(field, "fields are scalars or enums")
                fields[field.name] = (kind, most, field.key)
            item.declared = RecordType(item.name, fields)

    def check_enum(self, item, module):
        names = [name.lower() for name, _ in item.members]
        if len(set(names)) != len(names) or "other" in names:
            module.fail(item, "members of %s must differ and not be called other" % item.name)
        seen = {}
        spelled = [(name, text) for name, texts in item.members for text in [name] + texts]
        spelled += [("unknown", text) for text in item.unknown_spellings]
        for name, text in spelled:
            if seen.setdefault(text.lower(), name) != name:
                module.fail(item, "%r spells two members" % text)
        item.declared = EnumType(item.name, item.members, item.unknown_spellings)

    def type_of(self, node, module):
        """A written type, and how many bytes its texts may have."""
        head, _, tail = node.path.partition(".")
        if node.path == "list":
            return self.list_type(node, module)
        if tail and head in module.aliases:
            item = module.aliases[head].types.get(tail)
        else:
            item = module.find("types", node.path, node)
        if item:
            if not hasattr(item, "declared"):
                module.fail(node, "%s is not declared before" % node.path)
            return item.declared, 255
        if node.path not in BUILTIN_TYPES:
            module.fail(node, "no type %s" % node.path)
        if node.size is not None and not 1 <= node.size <= 4096:
            module.fail(node, "text<N>: N is 1 to 4096")
        return BUILTIN_TYPES[node.path], node.size or 255

    def list_type(self, node, module):
        element, most = self.type_of(node.element, module)
        if isinstance(element, (ListType, RowType)) or not 1 <= node.size <= 1024:
            module.fail(node, "a list holds 1 to 1024 scalars, enums or records")
        return ListType(element, node.size, most), 255

    # ---- declarations

    def declare_facts(self, module):
        for group in module.items("facts"):
            group.by_name = {}
            base = group.name if group.path is None else group.path
            for fact in group.facts:
                if fact.name in group.by_name:
                    module.fail(fact, "fact %s stands twice" % fact.name)
                group.by_name[fact.name] = fact
                fact.group, fact.module = group, module
                fact.type, fact.bytes = self.type_of(fact.type_, module)
                fact.full_name = "%s.%s" % (group.name, fact.name)
                fact.path = ".".join(part for part in (base, fact.key) if part)
                fact.origin = ((module.number, fact.at), fact.full_name)
                if fact.path.split(".")[0] == "observed":
                    module.fail(fact, "no fact is read from the key `observed`")
            if (
                group.observed
                and getattr(group.by_name.get(group.observed), "type", None) is not TIME
            ):
                module.fail(group, "observed names a fact of type time of the group")

    def declare_tables(self, module):
        for table in module.items("table"):
            table.type = RowType(table)
            table.origin = ((module.number, table.at), module.prefix + table.name)
            table.by_name = {}
            for column in table.columns:
                column.type, column.bytes = self.type_of(column.type_, module)
                if not is_scalar(column.type) or column.name in table.by_name:
                    module.fail(column, "columns are scalars or enums with names that differ")
                table.by_name[column.name] = column
            keys = [column for column in table.columns if column.is_key]
            if len(keys) > 1:
                module.fail(table, "a table has at most one key")
            table.key = keys[0] if keys else None

    def declare_functions(self, module):
        for item in module.items("def"):
            item.param_types = [(name, self.type_of(kind, module)[0]) for name, kind in item.params]
            item.type = self.type_of(item.type_, module)[0]
        for item in module.items("param") + module.items("set"):
            item.type = self.type_of(item.type_, module)[0]
            if not is_scalar(item.type):
                module.fail(item, "params and sets are of scalars or enums")
        for item in module.items("let"):
            item.origin = ((module.number, item.at), module.prefix + item.name)
            item.type = self.type_of(item.type_, module)[0] if item.type_ else None

    def declare_verdicts(self, module):
        for policy in module.items("policy"):
            outcomes = [policy.outcomes[kind][0] for kind in ("pass", "fail", "unknown")]
            if len({name.lower() for name in outcomes}) != 3:
                module.fail(policy, "the outcomes of a policy differ")
            policy.type = VerdictType(policy.name, outcomes[:2])
            policy.checks = self.place_checks(policy)
            names = [check.name.lower() for check in policy.checks]
            if len(set(names)) != len(names):
                module.fail(policy, "two checks of %s have one name" % policy.name)
            policy.check_type = VerdictType(
                policy.name + ".check", [c.name for c in policy.checks if c.kind == "check"]
            )
        for decision in module.items("decision"):
            self.declare_decision(decision, module)

    def place_checks(self, policy):
        """The checks of a policy in order, each with its position: an included one's is that of
        the include."""
        checks = []
        for entry in policy.entries:
            for i, (node, module) in enumerate(self.expand_entry(entry, policy, [policy])):
                checks.append(Check(node, policy, module, (policy.module.number, entry.at, i)))
        return checks

    def expand_entry(self, entry, source, path):
        """One entry of a policy as checks with the module that wrote them; includes are put in
        place."""
        if entry.kind != "include":
            return [(entry, source.module)]
        included = self.find_policy(entry, source.module)
        if included in path:
            source.module.fail(entry, "include cycle")
        found = [
            pair
            for inner in included.entries
            for pair in self.expand_entry(inner, included, path + [included])
        ]
        missing = set(entry.excepted) - {node.name for node, _ in found}
        if missing:
            source.module.fail(entry, "no check %s to except" % ", ".join(sorted(missing)))
        return [pair for pair in found if pair[0].name not in entry.excepted]

    def find_policy(self, node, module):
        head, _, tail = node.path.rpartition(".")
        if not head:
            item = module.find("values", tail, node)
        elif head in module.aliases:
            item = module.aliases[head].values.get(tail)
        else:
            named = [m for m in module.imports + list(module.aliases.values()) if m.name == head]
            item = named[0].values.get(tail) if named else None
        if item is None or item.kind != "policy":
            module.fail(node, "no policy %s" % node.path)
        return item

    def declare_decision(self, decision, module):
        decision.labels, decision.field_types, names = {}, {}, []
        for case in decision.cases:
            name = case.outcome or "unknown"
            if case.outcome and case.outcome not in names:
                names.append(case.outcome)
            first = next(c for c in decision.cases if c.outcome == case.outcome)
            case.origin = (
                (module.number, first.at),
                "%s%s.%s" % (module.prefix, decision.name, name),
            )
            if (
                case.label is not None
                and decision.labels.setdefault(case.outcome, case.label) != case.label
            ):
                module.fail(case, "outcome %s has two labels" % case.outcome)
        decision.type = VerdictType(decision.name, names)

    # ---- items

    def check_module(self, module):
        scope, constant = Scope(module), Scope(module, constant=True)
        for item in module.items("set"):
            for element in item.elements:
                self.check_element(element, constant, item.type)
        for item in module.items("param"):
            self.check(item.value, constant, item.type)
        for table in module.items("table"):
            self.check_table(table, module)
        for group in module.items("facts"):
            for fact in group.facts:
                if fact.default is not None:
                    self.check(fact.default, scope, fact.type)
        for item in module.items("let"):
            self.let_type(item)
        for item in module.items("def"):
            self.check(item.value, Scope(module, dict(item.param_types)), item.type)
        for policy in module.items("policy"):
            self.check_policy(policy, module, scope)
        for decision in module.items("decision"):
            self.check_decision(decision, module, scope)
        for item in module.items("subject"):
            self.check_subject(item, module)

    def check_subject(self, item, module):
        node = None
        for name in item.path.split("."):
            node = (
                Node("name", item.at, name=name)
                if node is None
                else Node("member", item.at, value=node, name=name)
            )
        if self.check(node, Scope(module)) is not TEXT or node.ref[0] != "fact":
            module.fail(item, "the subject is a fact of type text")
        if node.ref[1].default is not None:
            module.fail(item, "the subject has no default")
        item.fact = node.ref[1]

    def check_table(self, table, module):
        local = {}
        for column in table.columns:
            if column.value is not None:
                self.check(column.value, Scope(module, local, constant=True), column.type)
            local[column.name] = column.type
        written = [column for column in table.columns if column.value is None]
        for row in table.rows or []:
            if len(row) != len(written):
                module.fail(row[0], "a row has %d cells" % len(written))
            for cell, column in zip(row, written):
                if cell.kind != "unknown":
                    self.check(cell, Scope(module, constant=True), column.type)
                elif not column.optional:
                    module.fail(cell, "column %s is not optional" % column.name)
        if table.ordered_by is not None:
            column = table.by_name.get(table.ordered_by)
            if column is None or not column.type.ordered:
                module.fail(table, "ordered by a column of a type with <")

    def let_type(self, item):
        """The type of a let, found when first needed; in a cycle it would need itself."""
        if item in self.in_progress:
            item.module.fail(item, "%s depends on itself" % item.name)
        if not hasattr(item, "checked"):
            item.checked = True
            self.in_progress.append(item)
            item.type = self.check(item.value, Scope(item.module), item.type)
            self.in_progress.pop()
        return item.type

    def check_policy(self, policy, module, scope):
        for kind, (_, label) in policy.outcomes.items():
            for part in label or []:
                if not isinstance(part, str) and (
                    kind == "pass" or part.kind != "name" or part.name != "check"
                ):
                    module.fail(policy, "a label holds {check} only, and not on pass")
        for entry in policy.entries:
            if entry.kind == "include":
                continue
            conditions = (
                ([entry.when] if entry.when else [])
                + entry.require
                + [c for c, _ in entry.undecided]
            )
            for condition in conditions:
                self.check(condition, scope, BOOL)
            for message in [entry.reason, entry.remedy, entry.cite] + [
                text for _, text in entry.undecided
            ]:
                self.check_message(message, scope)

    def check_decision(self, decision, module, scope):
        for case in decision.cases:
            if case.when is not None:
                self.check(case.when, scope, BOOL)
            seen = set()
            for name, value in case.fields:
                kind = self.check(value, scope)
                if not is_scalar(kind) or name in FORBIDDEN_FIELDS or name in seen:
                    module.fail(value, "field %s cannot stand here" % name)
                if not same_type(decision.field_types.setdefault(name, kind), kind):
                    module.fail(value, "field %s has two types" % name)
                seen.add(name)
            self.check_message(case.because, scope)

    def check_message(self, message, scope):
        for part in message or []:
            if not isinstance(part, str) and not is_scalar(self.check(part, scope)):
                scope.module.fail(part, "a list or record cannot be printed")
