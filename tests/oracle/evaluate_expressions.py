# SPDX-License-Identifier: Apache-2.0
"""Reference evaluation of expressions: a tree walk after sections 6 to 8 of spec/language.md.

`eval` returns a Result; on the way the instants at which something that was read may change are
collected, and `valid_until` is the least of them. Facts and verdicts are read in evaluate.py.
"""

import builtins_
import calendar_
import slopes
from slopes import Variable, call_env, strip
from values import (
    DATE,
    DURATION,
    FALSE,
    INT,
    MONTH,
    TIME,
    TRUE,
    Other,
    Result,
    truth,
    unite,
    unknown,
)

MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
RANGES = {
    INT: (calendar_.INT_MIN, calendar_.INT_MAX),
    DURATION: (calendar_.INT_MIN, calendar_.INT_MAX),
    TIME: (calendar_.TIME_MIN, calendar_.TIME_MAX),
    DATE: (calendar_.DATE_MIN, calendar_.DATE_MAX),
    MONTH: (calendar_.MONTH_MIN, calendar_.MONTH_MAX),
}


class ExpressionEvaluator:
    """Evaluates expressions for one record at one instant, collecting what is read."""

    def __init__(self, tables, record, now, arrival, stats=None):
        self.tables, self.record, self.now, self.arrival = tables, record, now, arrival
        self.stats = stats
        self.valid_until = None
        self.place = ((), "")
        self.lets, self.read_facts, self.states, self.fields = {}, {}, {}, {}

    # ---- what is read

    def changes_at(self, instant):
        """Something read may be different from this instant on."""
        if self.now < instant <= calendar_.TIME_MAX and (
            self.valid_until is None or instant < self.valid_until
        ):
            self.valid_until = instant

    def fault(self, place=None):
        return unknown([("fault",) + (place or self.place)])

    def at_place(self, place, node, env):
        """Evaluate with another place that reads: a let, a default, a check, a case."""
        before, self.place = self.place, place
        result = self.eval(node, env)
        self.place = before
        return result

    def cell(self, node):
        return None if node.kind == "unknown" else self.eval(node, {})

    def note(self, operator, result):
        """Count how an operand came out, for the table of the differential test."""
        if self.stats is not None:
            state = (
                "unknown"
                if not result.known
                else str(result.value).lower() if isinstance(result.value, bool) else "known"
            )
            self.stats[operator, state] += 1

    # ---- expressions

    def eval(self, node, env):
        return getattr(self, "eval_" + node.kind)(node, env)

    def eval_literal(self, node, env):
        return Result(node.value)

    def eval_now(self, node, env):
        return Result(self.now, slope=1)

    def eval_name(self, node, env):
        kind, item = node.ref
        if kind == "local":
            return self.local(env[item])
        if kind == "member":
            return Result(Other() if item == "other" else item)
        if kind == "param":
            return self.tables.param(item)
        if kind == "let":
            return self.let(item)
        return self.policy_outcome(item) if kind == "policy" else self.decision_outcome(item)

    def local(self, bound):
        if isinstance(bound, Variable):
            return bound.result
        if isinstance(bound, Result):
            return bound
        if bound.result is None:
            bound.result = self.eval(bound.node, bound.env)
        return bound.result

    def let(self, item):
        if item not in self.lets:
            self.lets[item] = self.at_place(item.origin, item.value, {})
        return self.lets[item]

    def eval_member(self, node, env):
        kind, item = node.ref
        if kind == "fact":
            return self.fact(item)
        if kind == "policy_check":
            return self.policy_check(item)
        if kind == "decision_field":
            return self.decision_field(item, node.name)
        if kind != "field":
            return self.eval_name(node, env)
        whole = self.eval(node.value, env)
        if not whole.known:
            return whole
        return whole.value[item] if isinstance(whole.value, dict) else whole.value.cells[item]

    def eval_lookup(self, node, env):
        key = self.eval(node.key, env)
        self.note("[ ]", key)
        if not key.known:
            return key
        row = (
            None if isinstance(key.value, Other) else self.tables.by_key[node.table].get(key.value)
        )
        return self.fault(node.table.origin) if row is None else Result(row)

    def eval_if(self, node, env):
        condition = self.eval(node.condition, env)
        self.note("if", condition)
        if not condition.known:
            return condition
        return self.eval(node.yes if condition.value else node.no, env)

    def eval_not(self, node, env):
        value = self.eval(node.value, env)
        self.note("not", value)
        return truth(not value.value) if value.known else value

    def eval_is_unknown(self, node, env):
        value = self.eval(node.value, env)
        self.note("is unknown", Result(0) if value.known else value)
        return truth(not value.known)

    def eval_negate(self, node, env):
        value = self.eval(node.value, env)
        self.note("unary -", value)
        if not value.known:
            return value
        return self.in_range(-value.value, node.type, -value.slope)

    def in_range(self, value, kind, slope=0):
        """A sum as a result: a fault out of range; a ramp counts when it leaves or enters its
        range."""
        low, high = RANGES[kind]
        if slope > 0:
            self.changes_at(self.now + (low - value if value < low else high - value + 1))
        if slope < 0:
            self.changes_at(self.now + (value - high if value > high else value - low + 1))
        return Result(value, slope=slope) if low <= value <= high else self.fault()

    def eval_like(self, node, env):
        text = self.eval(node.value, env)
        self.note("like", text)
        return truth(like(text.value, node.pattern)) if text.known else text

    def eval_within(self, node, env):
        version = self.eval(node.value, env)
        self.note("within", version)
        return (
            truth(list(version.value[: len(node.parts)]) == node.parts)
            if version.known
            else version
        )

    def eval_binary(self, node, env):
        if node.op in ("and", "or"):
            return self.eval_and_or(node, env)
        if node.op == "??":
            return self.eval_default(node, env)
        if node.op in slopes.COMPARISONS:
            return self.eval_comparison(node, env)
        return self.eval_arithmetic(node, env)

    def eval_and_or(self, node, env):
        stop = node.op == "or"
        left = self.eval(node.left, env)
        self.note(node.op, left)
        if left.known and left.value is stop:
            return left
        right = self.eval(node.right, env)
        self.note(node.op, right)
        if right.known and right.value is stop:
            return right
        return truth(not stop) if left.known and right.known else unite(left, right)

    def eval_default(self, node, env):
        left = self.eval(node.left, env)
        self.note("??", Result(0) if left.known else left)
        if left.known:
            return left
        right = self.eval(node.right, env)
        self.note("??", Result(0) if right.known else right)
        return right if right.known else unite(left, right)

    # ---- arithmetic

    def eval_arithmetic(self, node, env):
        left, right = self.eval(node.left, env), self.eval(node.right, env)
        self.note(node.op, left)
        self.note(node.op, right)
        if not (left.known and right.known):
            return unite(left, right)
        a, b = left.value, right.value
        if node.left.type is DATE:
            if node.right.type is DATE:
                return Result((a - b) * calendar_.DAY)
            if b % calendar_.DAY:
                return self.fault()
            b //= calendar_.DAY
        if node.op == "+":
            return self.in_range(a + b, node.type, left.slope + right.slope)
        if node.op == "-":
            return self.in_range(a - b, node.type, left.slope - right.slope)
        if node.op == "*":
            return self.in_range(a * b, node.type)
        if b == 0 or (a == calendar_.INT_MIN and b == -1):
            return self.fault()
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return Result(quotient if node.op == "/" else a - quotient * b)

    # ---- comparisons

    def eval_comparison(self, node, env):
        left = self.comparison_side(node.left, node.right, node.op, env)
        right = self.comparison_side(node.right, node.left, MIRROR[node.op], env)
        self.note(node.op, Result(0) if left.known else left)
        self.note(node.op, Result(0) if right.known else right)
        if not (left.known and right.known):
            return unite(left, right)
        if left.slope:
            self.count_flip(node.op, left, right.value)
        if right.slope:
            self.count_flip(MIRROR[node.op], right, left.value)
        return self.compared(node.op, left.value, right.value, (node.left, node.right), env)

    def comparison_side(self, node, other, op, env):
        """One side; a direct date(...), month_of(...) or year(...) counts its flip in the place
        of its boundary."""
        found = slopes.direct(node, env)
        if found is None or not slopes.is_plain_side(other, env):
            return self.eval(node, env)
        call, call_scope = found
        x = self.eval(other, env)  # read here for its value; it is read once more as the other side
        argument = self.eval(call.arguments[0], call_scope)
        if argument.known:
            zone = zone_of(call)
            ends = builtins_.flips(call.builtin.name, op, x.value, zone) if x.known else []
            if not calendar_.zone_covers(zone, argument.value):
                ends = []
            self.count_ends(argument, ends + builtins_.zone_ends(argument.value, zone))
        return self.apply(call, [argument])

    def count_ends(self, argument, ends):
        for end in ends:
            if end is not None and end > argument.value:
                self.changes_at(self.now + end - argument.value)

    def count_flip(self, op, moving, x):
        """The instants of section 8.3 for a ramp on the left."""
        reached = self.now + (x - moving.value) * moving.slope
        late = (">", "<=") if moving.slope > 0 else ("<", ">=")
        if op in ("==", "!="):
            self.changes_at(reached)
        self.changes_at(reached + 1 if op in late or op in ("==", "!=") else reached)

    def compared(self, op, a, b, nodes, env):
        if op in ("==", "!="):
            same = self.equal(a, b, nodes, env)
            return same if op == "==" or not same.known else truth(not same.value)
        return truth({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op])

    def equal(self, a, b, nodes, env):
        if isinstance(a, Other) and isinstance(b, Other):
            return TRUE if any(is_written_other(node, env) for node in nodes) else self.fault()
        if isinstance(a, Other) or isinstance(b, Other):
            return FALSE
        return truth(a == b)

    def eval_in(self, node, env):
        value = self.eval(node.value, env)
        if node.table is not None:
            self.note("in table", Result(0) if value.known else value)
            if not value.known:
                return value
            return truth(
                not isinstance(value.value, Other) and value.value in self.tables.by_key[node.table]
            )
        self.note("in", Result(0) if value.known else value)
        unknowns = []
        for element, scope in self.elements(node.elements, env):
            found = self.eval(element, scope)
            if value.known and found.known:
                found = self.equal(value.value, found.value, (node.value, element), scope)
                if found.known and found.value:
                    return TRUE
            else:
                found = unite(value, found)
            if not found.known:
                unknowns.append(found)
        return unite(*unknowns) if unknowns else FALSE

    def elements(self, nodes, env):
        """The elements of braces, named sets opened."""
        for node in nodes:
            if getattr(node, "ref", ("",))[0] == "set":
                yield from self.elements(node.ref[1].elements, {})
            else:
                yield node, env

    # ---- calls

    def eval_call(self, node, env):
        if node.function is not None:
            return self.eval(node.function.value, call_env(node, env))
        arguments = [self.eval(a, env) for a in node.arguments if hasattr(a, "type")]
        result = self.apply(node, arguments, env)
        first = arguments[0]
        if node.builtin.rises and first.known and first.slope == 1:
            zone = zone_of(node)
            ends = builtins_.boundaries(node.builtin.name, first.value, zone)
            if node.builtin.name != "days":
                ends += builtins_.zone_ends(first.value, zone)
            self.count_ends(first, ends)
        return result

    def apply(self, node, arguments, env=None):
        """A built-in with its arguments read."""
        for argument in arguments:
            self.note(node.builtin.name + "()", Result(0) if argument.known else argument)
        if not all(argument.known for argument in arguments):
            return unite(*arguments)
        values = iter([argument.value for argument in arguments])
        given = [
            next(values) if hasattr(a, "type") else a.seconds if a.kind == "clock" else a.name
            for a in node.arguments
        ]
        if node.builtin.kinds == ["printable"]:
            given.append(node.arguments[0].type)
        try:
            return Result(node.builtin.function(*given))
        except builtins_.Fault:
            return self.fault()
        except builtins_.BadText:
            blamed = slopes.first_fact(node.arguments[0], env)
            return unknown([("invalid",) + blamed.origin]) if blamed is not None else self.fault()

    # ---- quantifiers

    def eval_quantifier(self, node, env):
        if node.table is not None:
            elements, source = [Result(row) for row in self.tables.rows[node.table]], None
        else:
            found, source = self.eval(node.source, env), node.source
            if not found.known:
                return found
            elements = found.value
        if node.op == "last":
            elements = reversed(elements)
        scopes = [dict(env, **{node.name: Variable(element, source, env)}) for element in elements]
        if node.op in ("any", "all"):
            return self.any_all(node, scopes)
        if node.op == "count":
            return self.count_true(node, scopes)
        nothing = self.fault(node.table.origin if node.table is not None else None)
        if node.op in ("first", "last"):
            return self.first_last(node, scopes, nothing)
        return self.fold(node, scopes, nothing)

    def condition(self, node, scope):
        result = self.eval(node.condition, scope)
        self.note(node.op if node.value is None else node.op + " where", result)
        return result

    def any_all(self, node, scopes):
        stop, unknowns = node.op == "any", []
        for scope in scopes:
            result = self.condition(node, scope)
            if result.known and result.value is stop:
                return result
            if not result.known:
                unknowns.append(result)
        return unite(*unknowns) if unknowns else truth(not stop)

    def count_true(self, node, scopes):
        results = [self.condition(node, scope) for scope in scopes]
        if all(result.known for result in results):
            return Result(sum(result.value for result in results))
        return unite(*results)

    def first_last(self, node, scopes, nothing):
        for scope in scopes:
            result = self.condition(node, scope)
            if not result.known:
                return result
            if result.value:
                return scope[node.name].result
        return nothing

    def fold(self, node, scopes, nothing):
        """sum, min and max: everything is read, nothing is added after the first unknown."""
        total, unknowns = None, []
        for scope in scopes:
            if node.condition is not None:
                condition = self.condition(node, scope)
                if not condition.known:
                    unknowns.append(condition)
                if not condition.known or not condition.value:
                    continue
            value = self.eval(node.value, scope)
            self.note(node.op, Result(0) if value.known else value)
            if not value.known:
                unknowns.append(value)
            elif not unknowns:
                total = self.fold_step(node, total, value.value, unknowns)
        if unknowns:
            return unite(*unknowns)
        if total is None:
            return Result(0) if node.op == "sum" else nothing
        return Result(total)

    def fold_step(self, node, total, value, unknowns):
        if total is None:
            return value
        if node.op == "min":
            return min(total, value)
        if node.op == "max":
            return max(total, value)
        result = self.in_range(total + value, node.type)
        if not result.known:
            unknowns.append(result)
        return result.value


def zone_of(call):
    """The zone that a call names, else utc."""
    kinds = call.builtin.kinds
    return call.arguments[kinds.index("zone")].name if "zone" in kinds else "utc"


def is_written_other(node, env):
    inner, _ = strip(node, env)
    return getattr(inner, "ref", ("",)) == ("member", "other")


def like(text, pattern):
    """Does the whole text match a pattern of * and ?"""
    reach = {0}
    for symbol in pattern:
        if symbol == "*":
            reach = set(range(min(reach), len(text) + 1)) if reach else set()
        else:
            reach = {i + 1 for i in reach if i < len(text) and symbol in ("?", text[i])}
    return len(text) in reach
