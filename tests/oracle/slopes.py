# SPDX-License-Identifier: Apache-2.0
"""What is found by looking at the text of expressions with defs written in place: classes,
constants, source facts.

An environment maps local names to what they stand for: a Closure (an argument of a def), a
Variable (of a quantifier), CONSTANT, or a Result. Sections 3, 7, 8.1 and 8.5 of spec/language.md.
"""

from lexer import RuleError
from values import DATE, DURATION, TIME

CONSTANT = object()
SOLVED = ("date", "month_of", "year")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


class Closure:
    """An argument of a def: an expression and where it was written. Read at most once."""

    def __init__(self, node, env):
        self.node, self.env, self.result = node, env, None


class Variable:
    """The variable of a quantifier: its element now, and the list or table it comes from."""

    def __init__(self, result, source, env):
        self.result, self.source, self.env = result, source, env


def call_env(node, env):
    """The environment of a def's body at a call."""
    return {
        name: Closure(argument, env)
        for (name, _), argument in zip(node.function.params, node.arguments)
    }


def strip(node, env):
    """An expression with calls of defs and their arguments written in place, as far as its
    outermost form."""
    while True:
        if (
            node.kind == "name"
            and node.ref[0] == "local"
            and isinstance(env.get(node.name), Closure)
        ):
            closure = env[node.name]
            node, env = closure.node, closure.env
        elif node.kind == "call" and node.function is not None:
            node, env = node.function.value, call_env(node, env)
        else:
            return node, env


def children(node):
    """The expressions directly inside one, in reading order."""
    kind = node.kind
    if kind == "if":
        return [node.condition, node.yes, node.no]
    if kind == "binary":
        return [node.left, node.right]
    if kind in ("not", "negate", "like", "within", "is_unknown"):
        return [node.value]
    if kind == "in":
        return [node.value] + [
            e for e in (node.elements or []) if getattr(e, "ref", ("",))[0] != "set"
        ]
    if kind == "member":
        return [node.value] if node.ref[0] == "field" else []
    if kind == "lookup":
        return [node.key]
    if kind == "call":
        return [a for a in node.arguments if a.kind != "clock" and hasattr(a, "type")]
    if kind == "quantifier":
        source = [] if node.table is not None else [node.source]
        return source + [part for part in (node.condition, node.value) if part is not None]
    return []


def is_constant(node, env):
    """Does an expression read neither `now` nor a fact, a table or a verdict?"""
    node, env = strip(node, env)
    if node.kind in ("now", "lookup", "quantifier") or (
        node.kind == "in" and node.table is not None
    ):
        return False
    ref = getattr(node, "ref", ("",))
    if ref[0] in ("fact", "policy", "decision", "policy_check", "decision_field"):
        return False
    if ref[0] == "local":
        return env.get(node.name) is CONSTANT
    if ref[0] == "let":
        return is_constant(ref[1].value, {})
    return all(is_constant(child, env) for child in children(node))


def first_fact(node, env):
    """The fact named first in an expression, seen through lets, defs and quantifier variables;
    or None."""
    node, env = strip(node, env)
    ref = getattr(node, "ref", ("",))
    if ref[0] == "fact":
        return ref[1]
    if ref[0] == "let":
        return first_fact(ref[1].value, {})
    if ref[0] == "local":
        variable = env.get(node.name)
        if isinstance(variable, Variable) and variable.source is not None:
            return first_fact(variable.source, variable.env)
        return None
    inner = env
    for child in children(node):
        if node.kind == "quantifier" and child is not node.source:
            inner = dict(env)
            inner[node.name] = Variable(None, None if node.table is not None else node.source, env)
        found = first_fact(child, inner)
        if found is not None:
            return found
    return None


def direct(node, env):
    """The call of date, month_of or year of a rising time that an expression is, with its
    environment; or None."""
    node, env = strip(node, env)
    if node.kind == "call" and node.builtin.name in SOLVED and slope(node.arguments[0], env) == 1:
        return node, env
    return None


def is_plain_side(node, env):
    """Is this side of a comparison a constant expression or a fact?"""
    inner, _ = strip(node, env)
    return getattr(inner, "ref", ("",))[0] == "fact" or is_constant(node, env)


# ---- classes


class RampError(RuleError):
    """A ramp where none may stand."""


def refuse(node, env):
    """An expression that must not be a ramp."""
    if slope(node, env) != 0:
        raise RampError("%r would change every second: say until when, or use days(...)" % node)
    return 0


def slope(node, env):
    """+1 for a rising ramp, -1 for a falling one, 0 for fixed and step; errors for what refuses
    ramps."""
    node, env = strip(node, env)
    kind = node.kind
    if kind == "now":
        return 1
    ref = getattr(node, "ref", ("",))
    if ref[0] == "let":
        return slope(ref[1].value, {})
    if kind == "negate":
        return -slope(node.value, env)
    if kind == "binary" and node.op in ("+", "-") and node.type in (TIME, DURATION):
        return sum_slope(node, env)
    if kind == "binary" and node.op in COMPARISONS:
        if slope(node.left, env) and slope(node.right, env):
            raise RampError("%r compares two things that move" % node)
        return 0
    if kind == "is_unknown":
        slope(node.value, env)
        return 0
    if kind == "call":
        return call_slope(node, env)
    inner = dict(env)
    if kind == "quantifier":
        inner[node.name] = None
    for child in children(node):
        refuse(child, inner)
    return 0


def sum_slope(node, env):
    left, right = slope(node.left, env), slope(node.right, env)
    total = left + right if node.op == "+" else left - right
    if abs(total) > 1 or (total and DATE in (node.left.type, node.right.type)):
        raise RampError("%r would move by two seconds a second" % node)
    return total


def call_slope(node, env):
    """Built-ins refuse ramps, but for the ones that make steps of rising ones."""
    arguments = children(node)
    if node.builtin.rises and slope(arguments[0], env) == 1:
        arguments = arguments[1:]
    for argument in arguments:
        refuse(argument, env)
    return 0


def check_program(program):
    """Refuse every ramp that stands where none may."""
    for module in program.modules:
        for item in module.items("let") + module.items("param"):
            slope(item.value, {})
        for item in module.items("def"):
            slope(item.value, {name: CONSTANT for name, _ in item.params})
        for group in module.items("facts"):
            for fact in group.facts:
                if fact.default is not None:
                    refuse(fact.default, {})
        for policy in module.items("policy"):
            for entry in policy.entries:
                if entry.kind != "include":
                    check_check(entry)
        for decision in module.items("decision"):
            for case in decision.cases:
                for node in (
                    ([case.when] if case.when else [])
                    + [v for _, v in case.fields]
                    + holes(case.because)
                ):
                    refuse(node, {})


def check_check(entry):
    conditions = (
        ([entry.when] if entry.when else []) + entry.require + [c for c, _ in entry.undecided]
    )
    texts = [entry.reason, entry.remedy, entry.cite] + [text for _, text in entry.undecided]
    for node in conditions + [hole for text in texts for hole in holes(text)]:
        refuse(node, {})


def holes(message):
    return [part for part in message or [] if not isinstance(part, str)]


# ---- cycles


def check_cycles(program):
    """Lets, defs, defaults, policies and decisions must not depend on themselves."""
    state = {}
    for module in program.modules:
        for kind in ("let", "def", "policy", "decision"):
            for item in module.items(kind):
                visit(item, state)
        for group in module.items("facts"):
            for fact in group.facts:
                visit(fact, state)


def visit(item, state):
    if state.get(item) == "open":
        item.module.fail(item, "%s depends on itself" % item.name)
    if item in state:
        return
    state[item] = "open"
    for expression in expressions_of(item):
        for needed in needs(expression):
            visit(needed, state)
    if (
        item.kind == "fact"
        and item.group.stale_after is not None
        and item.group.observed not in (None, item.name)
    ):
        visit(item.group.by_name[item.group.observed], state)
    state[item] = "done"


def expressions_of(item):
    if item.kind in ("let", "def"):
        return [item.value]
    if item.kind == "fact":
        return [item.default] if item.default is not None else []
    if item.kind == "decision":
        return [
            n
            for c in item.cases
            for n in ([c.when] if c.when else []) + [v for _, v in c.fields]
        ]
    return [node for check in item.checks for node in check_expressions(check.node)]


def check_expressions(entry):
    """What a check reads; its messages may read the verdict that they belong to."""
    return (
        ([entry.when] if entry.when else [])
        + entry.require
        + [c for c, _ in entry.undecided]
    )


def needs(node):
    """The items that an expression reads by name."""
    ref = getattr(node, "ref", ("",))
    if ref[0] in ("let", "fact", "policy", "decision"):
        yield ref[1]
    elif ref[0] in ("policy_check", "decision_field"):
        yield ref[1]
    if node.kind == "call" and node.function is not None:
        yield node.function
    for child in children(node):
        yield from needs(child)
