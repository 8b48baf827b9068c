# SPDX-License-Identifier: Apache-2.0
"""Verdicts as JSON lines, after section 9 of spec/language.md: which texts are read, and what is
listed."""

import json

import calendar_
from evaluate import Evaluator
from values import BOOL, INT, print_value

CAUSES = ("missing", "invalid", "stale", "undecided", "fault")


def verdict_items(program, names=()):
    """The policies and decisions asked for: the root's in source order, or those named."""
    if not names:
        return [item for item in program.root.tree.items if item.kind in ("policy", "decision")]
    return [find_verdict(program, name) for name in names]


def find_verdict(program, name):
    head, _, tail = name.rpartition(".")
    for module in program.modules:
        if module.name == head or (module is program.root and not head):
            item = module.values.get(tail)
            if item is not None and item.kind in ("policy", "decision"):
                return item
    raise LookupError("no verdict " + name)


def verdict_of(item, tables, record, now, arrival, stats=None, subject=None):
    """The verdict of one policy or decision, keys in order."""
    evaluator = Evaluator(tables, record, now, arrival, stats)
    program = tables.program
    parts = (
        policy_parts(item, evaluator) if item.kind == "policy" else decision_parts(item, evaluator)
    )
    verdict = {"subject": subject, "verdict": item.module.prefix + item.name}
    verdict.update(parts)
    verdict["at"] = calendar_.print_time(now)
    verdict["valid_until"] = (
        None if evaluator.valid_until is None else calendar_.print_time(evaluator.valid_until)
    )
    verdict["rules"] = program.identity
    return verdict


def listed(results):
    """The five lists of causes, each in declaration order."""
    causes = frozenset().union(*(result.causes for result in results if not result.known))
    return {
        cause: [name for _, name in sorted({(p, n) for c, p, n in causes if c == cause})]
        for cause in CAUSES
    }


def policy_parts(policy, evaluator):
    state = evaluator.policy_state(policy)
    texts = {"reason": None, "remedy": None, "cite": None}
    check = None
    if state.failing is not None:
        kind, check = "fail", state.failing
        texts = check_texts(check, evaluator)
    elif state.unknown:
        kind, (check, _, because) = "unknown", state.unknown[0]
        texts["reason"] = evaluator.message(because, check.origin)
    else:
        kind = "pass"
    outcome, label = policy.outcomes[kind]
    name = check.name if check is not None else None
    parts = {"outcome": outcome, "kind": kind, "check": name, "label": filled(label, outcome, name)}
    parts.update(texts)
    parts["fields"] = {}
    parts["unknown_checks"] = [unknown_check.name for unknown_check, _, _ in state.unknown]
    parts["advice"] = [
        advice
        for entry in policy.checks
        if entry.kind == "advise"
        for advice in advised(entry, evaluator)
    ]
    parts.update(listed([result for _, result, _ in state.unknown]))
    return parts


def check_texts(check, evaluator):
    node = check.node
    return {
        key: evaluator.message(getattr(node, key), check.origin)
        for key in ("reason", "remedy", "cite")
    }


def filled(label, outcome, check):
    """A label with {check} put in; the outcome's name where none is written."""
    return (
        outcome
        if label is None
        else "".join(part if isinstance(part, str) else check for part in label)
    )


def advised(entry, evaluator):
    """An advise as a list of one if it is false, else of none."""
    result, _ = evaluator.check_result(entry)
    if not result.known or result.value:
        return []
    return [dict({"name": entry.name}, **check_texts(entry, evaluator))]


def decision_parts(decision, evaluator):
    state = evaluator.decision_state(decision)
    known = state.result.known
    parts = {
        "outcome": state.result.value if known else "unknown",
        "kind": "case" if known else "unknown",
        "check": None,
        "label": decision.labels.get(state.result.value, state.result.value) if known else None,
        "reason": None,
        "remedy": None,
        "cite": None,
        "fields": {},
        "unknown_checks": [],
        "advice": [],
    }
    results = [] if known else [state.result]
    if known:
        for name, value in state.case.fields:
            result = evaluator.decision_field(decision, name)
            results.append(result)
            parts["fields"][name] = field_json(result, value.type)
    if state.case is not None:
        parts["reason"] = evaluator.message(state.case.because, state.case.origin)
    parts.update(listed(results))
    return parts


def field_json(result, kind):
    if not result.known:
        return None
    return result.value if kind in (BOOL, INT) else print_value(result.value, kind)


def to_line(verdict):
    return json.dumps(verdict, ensure_ascii=False, separators=(",", ":"))
