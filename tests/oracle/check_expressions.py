# SPDX-License-Identifier: Apache-2.0
"""Types of expressions: what each name stands for, what type each expression has, what is refused.

The findings are written into the tree: `type` on every expression, `ref` on what stands for
something. `checker.py` adds declarations and items; classes (ramps) are in slopes.py.
"""

import builtins_
import calendar_
import slopes
from program import BUILTIN_TYPES
from values import (
    BOOL,
    DATE,
    DURATION,
    INT,
    MONTH,
    SCALARS,
    TEXT,
    TIME,
    VERSION,
    EnumType,
    ListType,
    RecordType,
    RowType,
    is_scalar,
    same_type,
)

LITERAL_TYPES = dict(SCALARS)
ARITHMETIC = {
    ("+", INT, INT): INT,
    ("-", INT, INT): INT,
    ("+", DURATION, DURATION): DURATION,
    ("-", DURATION, DURATION): DURATION,
    ("+", TIME, DURATION): TIME,
    ("-", TIME, DURATION): TIME,
    ("+", DATE, DURATION): DATE,
    ("-", DATE, DURATION): DATE,
    ("+", MONTH, INT): MONTH,
    ("-", MONTH, INT): MONTH,
    ("-", TIME, TIME): DURATION,
    ("-", DATE, DATE): DURATION,
    ("-", MONTH, MONTH): INT,
    ("*", INT, INT): INT,
    ("/", INT, INT): INT,
    ("%", INT, INT): INT,
    ("*", DURATION, INT): DURATION,
    ("*", INT, DURATION): DURATION,
}


class Scope:
    """The names that an expression sees: its module's, and local ones (name -> type)."""

    def __init__(self, module, local=None, constant=False):
        self.module, self.local = module, dict(local or {})
        self.constant = constant  # may it read nothing but constants?

    def with_local(self, name, kind):
        scope = Scope(self.module, self.local, self.constant)
        scope.local[name] = kind
        return scope


class ExpressionChecker:
    """Finds the type of every expression; needs let_type() of the class that knows the items."""

    def __init__(self):
        self.in_progress = []

    def check(self, node, scope, expected=None):
        """Find the type of an expression, write it into the tree, and compare it with what is
        expected."""
        node.type = getattr(self, "check_" + node.kind)(node, scope, expected)
        if expected is not None and not same_type(node.type, expected):
            scope.module.fail(node, "expected %r, found %r" % (expected, node.type))
        return node.type

    def check_unknown(self, node, scope, expected):
        return scope.module.fail(node, "`unknown` cannot stand here")

    def check_clock(self, node, scope, expected):
        return scope.module.fail(node, "a time of day stands only in at(...)")

    def check_literal(self, node, scope, expected):
        return LITERAL_TYPES[node.type_name]

    def check_now(self, node, scope, expected):
        if scope.constant:
            scope.module.fail(node, "now is no constant")
        return TIME

    def check_name(self, node, scope, expected):
        if node.name in scope.local:
            node.ref = ("local", node.name)
            return scope.local[node.name]
        item = scope.module.find("values", node.name, node)
        if item:
            return self.value_ref(node, item, scope)
        if isinstance(expected, EnumType) and self.is_member(expected, node.name):
            node.ref = ("member", node.name)
            return expected
        return scope.module.fail(node, "no value %s" % node.name)

    @staticmethod
    def is_member(kind, name):
        return name in kind.members or (kind.has_other and name == "other")

    def value_ref(self, node, item, scope):
        """What a name of the value name space stands for."""
        node.ref = (item.kind, item)
        if scope.constant and item.kind in ("facts", "table", "policy", "decision"):
            scope.module.fail(node, "%s is no constant" % item.name)
        if item.kind == "let":
            kind = self.let_type(item)
            if scope.constant and not slopes.is_constant(item.value, {}):
                scope.module.fail(node, "%s is no constant" % item.name)
            return kind
        if item.kind in ("param", "policy", "decision"):
            return item.type
        return scope.module.fail(node, "%s is no value by itself" % item.name)

    def check_member(self, node, scope, expected):
        target = node.value
        if target.kind == "name" and target.name not in scope.local:
            item = scope.module.find("values", target.name, target)
            if item is None:
                return self.check_qualified(node, scope, expected)
            special = self.item_member(node, item, scope)
            if special is not None:
                return special
        if (
            target.kind == "member"
            and target.value.kind == "name"
            and target.value.name in scope.module.aliases
        ):
            found = self.check_through_alias(node, target, scope)
            if found is not None:
                return found
        return self.check_field(node, scope)

    def item_member(self, node, item, scope):
        """x.name where x is a group, a policy or a decision; None for other values."""
        if item.kind in ("facts", "policy", "decision") and scope.constant:
            scope.module.fail(node, "%s is no constant" % item.name)
        if item.kind == "facts":
            if node.name not in item.by_name:
                scope.module.fail(node, "group %s has no fact %s" % (item.name, node.name))
            node.ref = ("fact", item.by_name[node.name])
            return node.ref[1].type
        if item.kind == "policy":
            if node.name != "check":
                scope.module.fail(node, "a policy has .check only")
            node.ref = ("policy_check", item)
            return item.check_type
        if item.kind == "decision":
            node.ref = ("decision_field", item)
            return self.decision_field_type(item, node, scope)
        return None

    def decision_field_type(self, decision, node, scope):
        if node.name not in decision.field_types:
            values = [
                (c, value) for c in decision.cases for name, value in c.fields if name == node.name
            ]
            if not values:
                scope.module.fail(node, "no case of %s has a field %s" % (decision.name, node.name))
            if decision in self.in_progress:
                scope.module.fail(node, "%s depends on itself" % decision.name)
            self.in_progress.append(decision)
            decision.field_types[node.name] = self.check(values[0][1], Scope(decision.module))
            self.in_progress.pop()
        return decision.field_types[node.name]

    def check_qualified(self, node, scope, expected):
        """Enum.member or alias.name."""
        module, target = scope.module, node.value
        if target.name in module.aliases:
            item = module.aliases[target.name].values.get(node.name)
            if item is None or node.name.startswith("_"):
                module.fail(node, "%s has no value %s" % (target.name, node.name))
            return self.value_ref(node, item, scope)
        return self.enum_member(node, self.enum_of(module, target), module)

    @staticmethod
    def enum_of(module, target):
        item = module.find("types", target.name, target)
        if item is not None:
            return getattr(item, "declared", None)
        return BUILTIN_TYPES.get(target.name)

    def enum_member(self, node, kind, module):
        if not isinstance(kind, EnumType) or not self.is_member(kind, node.name):
            module.fail(node, "no value %s" % node.name)
        node.ref = ("member", node.name)
        return kind

    def check_through_alias(self, node, target, scope):
        """alias.group.fact, alias.verdict.field, alias.Enum.member; None for a plain value."""
        other = scope.module.aliases[target.value.name]
        item = other.values.get(target.name)
        if item is not None:
            return self.item_member(node, item, scope)
        if target.name in other.types:
            return self.enum_member(node, other.types[target.name].declared, scope.module)
        return None

    def check_field(self, node, scope):
        """x.name where x is a record or a row."""
        kind = self.check(node.value, scope)
        node.ref = ("field", node.name)
        if isinstance(kind, RecordType) and node.name in kind.fields:
            return kind.fields[node.name][0]
        if isinstance(kind, RowType) and node.name in kind.table.by_name:
            return kind.table.by_name[node.name].type
        return scope.module.fail(node, "%r has no %s" % (kind, node.name))

    def find_item(self, node, scope, *kinds):
        """The item that a path names, if it is of these kinds; used for sets and tables."""
        if node.kind == "name" and node.name not in scope.local:
            item = scope.module.find("values", node.name, node)
        elif (
            node.kind == "member"
            and node.value.kind == "name"
            and node.value.name in scope.module.aliases
        ):
            item = scope.module.aliases[node.value.name].values.get(node.name)
        else:
            return None
        return item if item is not None and item.kind in kinds else None

    def check_lookup(self, node, scope, expected):
        table = self.find_item(node.value, scope, "table")
        if table is None or table.key is None or scope.constant:
            scope.module.fail(node, "[ ] needs a table with a key")
        node.table = table
        self.check(node.key, scope, table.key.type)
        return table.type

    def check_call(self, node, scope, expected):
        module, target = scope.module, node.target
        if (
            target.kind == "member"
            and target.value.kind == "name"
            and target.value.name in module.aliases
        ):
            item = module.aliases[target.value.name].functions.get(target.name)
        elif target.kind == "name":
            item = module.find("functions", target.name, node)
        else:
            item = None
        if item is not None:
            return self.check_def_call(node, item, scope)
        if target.kind != "name" or target.name not in builtins_.BY_NAME:
            module.fail(node, "no such function")
        return self.check_builtin_call(node, target.name, scope)

    def check_def_call(self, node, item, scope):
        node.function, node.builtin = item, None
        if len(node.arguments) != len(item.params):
            scope.module.fail(node, "%s takes %d arguments" % (item.name, len(item.params)))
        for argument, (_, kind) in zip(node.arguments, item.param_types):
            self.check(argument, scope, kind)
        if scope.constant and not slopes.is_constant(
            item.value, {name: slopes.CONSTANT for name, _ in item.params}
        ):
            scope.module.fail(node, "%s is no constant" % item.name)
        return item.type

    def check_builtin_call(self, node, name, scope):
        node.function = None
        for overload in builtins_.BY_NAME[name]:
            kinds = [kind for kind in overload.kinds]
            if len(kinds) == len(node.arguments) and self.matches(node.arguments, kinds, scope):
                node.builtin = overload
                return overload.result
        return scope.module.fail(node, "%s does not take these arguments" % name)

    def matches(self, arguments, kinds, scope):
        for argument, kind in zip(arguments, kinds):
            if kind == "zone":
                if argument.kind != "name" or argument.name not in calendar_.ZONES:
                    return False
            elif kind == "clock":
                if argument.kind != "clock":
                    return False
            elif isinstance(kind, EnumType):
                self.check(argument, scope, kind)
            else:
                found = self.check(argument, scope)
                if kind == "printable":
                    if not is_scalar(found):
                        return False
                elif found is not kind:
                    return False
        return True

    def check_if(self, node, scope, expected):
        self.check(node.condition, scope, BOOL)
        return self.check_pair(node, node.yes, node.no, scope, expected)

    def check_pair(self, node, left, right, scope, expected):
        """Two expressions of one type, either of which may be a bare member that the other's
        type explains."""
        if expected is None and self.is_bare(left, scope):
            expected = self.check(right, scope)
            self.check(left, scope, expected)
            return expected
        kind = self.check(left, scope, expected)
        self.check(right, scope, kind)
        return kind

    def is_bare(self, node, scope):
        """A name that can only be a member of an enum still to be found, or branches that are."""
        if node.kind == "if":
            return self.is_bare(node.yes, scope) and self.is_bare(node.no, scope)
        if node.kind == "binary" and node.op == "??":
            return self.is_bare(node.left, scope) and self.is_bare(node.right, scope)
        return (
            node.kind == "name"
            and node.name not in scope.local
            and scope.module.find("values", node.name, node) is None
        )

    def check_not(self, node, scope, expected):
        return self.check(node.value, scope, BOOL)

    def check_is_unknown(self, node, scope, expected):
        self.check(node.value, scope)
        return BOOL

    def check_negate(self, node, scope, expected):
        kind = self.check(node.value, scope)
        if kind not in (INT, DURATION):
            scope.module.fail(node, "- of an int or duration")
        return kind

    def check_like(self, node, scope, expected):
        self.check(node.value, scope, TEXT)
        return BOOL

    def check_within(self, node, scope, expected):
        self.check(node.value, scope, VERSION)
        return BOOL

    def check_binary(self, node, scope, expected):
        if node.op in ("and", "or"):
            self.check(node.left, scope, BOOL)
            return self.check(node.right, scope, BOOL)
        if node.op == "??":
            return self.check_pair(node, node.left, node.right, scope, expected)
        if node.op in ("==", "!=", "<", "<=", ">", ">="):
            kind = self.check_pair(node, node.left, node.right, scope, None)
            if not is_scalar(kind) or (node.op not in ("==", "!=") and not kind.ordered):
                scope.module.fail(node, "%r has no %s" % (kind, node.op))
            return BOOL
        left, right = self.check(node.left, scope), self.check(node.right, scope)
        if (node.op, left, right) not in ARITHMETIC:
            scope.module.fail(node, "no %r %s %r" % (left, node.op, right))
        return ARITHMETIC[node.op, left, right]

    def check_in(self, node, scope, expected):
        node.table = self.find_item(node.source, scope, "table") if node.source else None
        if node.table is not None:
            if node.table.key is None or scope.constant:
                scope.module.fail(node, "in a table with a key")
            self.check(node.value, scope, node.table.key.type)
            return BOOL
        if node.source is not None:
            named = self.find_item(node.source, scope, "set")
            if named is None:
                scope.module.fail(node, "in a set, braces or a table")
            node.source.ref = ("set", named)
            node.elements = [node.source]
        kind = None if self.is_bare(node.value, scope) else self.check(node.value, scope)
        for element in node.elements:
            kind = self.check_element(element, scope, kind)
        self.check(node.value, scope, kind)
        if not is_scalar(kind):
            scope.module.fail(node, "%r has no ==" % kind)
        return BOOL

    def check_element(self, element, scope, kind):
        """An element of braces: an expression, or the name of a set that stands for its members."""
        named = self.find_item(element, scope, "set")
        if named is None:
            return self.check(element, scope, kind)
        element.ref, element.type = ("set", named), named.type
        if kind is not None and not same_type(kind, named.type):
            scope.module.fail(element, "%s is a set of %r" % (named.name, named.type))
        return named.type

    def check_quantifier(self, node, scope, expected):
        node.table = self.find_item(node.source, scope, "table")
        if node.table is not None:
            element = node.table.type
            if scope.constant or (node.op in ("first", "last") and node.table.ordered_by is None):
                scope.module.fail(node, "%s over a table needs `ordered by`" % node.op)
        else:
            kind = self.check(node.source, scope)
            if not isinstance(kind, ListType):
                scope.module.fail(node, "%s over a list or a table" % node.op)
            element = kind.element
        inner = scope.with_local(node.name, element)
        if node.condition is not None:
            self.check(node.condition, inner, BOOL)
        if node.op in ("any", "all"):
            return BOOL
        if node.op == "count":
            return INT
        if node.op in ("first", "last"):
            return element
        kind = self.check(node.value, inner)
        if kind not in (INT, DURATION) if node.op == "sum" else not kind.ordered:
            scope.module.fail(node, "no %s of %r" % (node.op, kind))
        return kind
