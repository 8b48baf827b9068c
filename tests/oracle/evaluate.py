# SPDX-License-Identifier: Apache-2.0
"""The reference evaluation of facts, policies and decisions, after sections 5, 8.6 and 9 of
spec/language.md: from left to right, one Evaluator for one verdict of one record at one instant.
"""

import calendar_
import facts
from evaluate_expressions import ExpressionEvaluator
from values import FALSE, TRUE, Result, print_value, unite, unknown


class Tables:
    """The rows of all tables of a program, made once, and the values of params."""

    def __init__(self, program):
        self.program = program
        self.rows, self.params = {}, {}
        constant = Evaluator(self, None, 0, None)
        for module in program.modules:
            for table in module.items("table"):
                self.rows[table] = facts.table_rows(
                    table,
                    lambda cell: constant.cell(cell),
                    lambda node, cells, owner: constant.at_place(owner.origin, node, dict(cells)),
                )
        self.by_key = {
            table: {row.cells[table.key.name].value: row for row in rows}
            for table, rows in self.rows.items()
            if table.key is not None
        }

    def param(self, item):
        """The value of a param: the site's, read as a string by the reading table, else its own."""
        if item not in self.params:
            given = self.program.params.get("%s.%s" % (item.module.name, item.name))
            if given is None:
                self.params[item] = Evaluator(self, None, 0, None).eval(item.value, {})
            else:
                self.params[item] = Result(facts.read_scalar(given, item.type, 4096))
        return self.params[item]


class PolicyState:
    """How the conditions of a policy came out: the failing check, and the unknown ones before
    it."""

    def __init__(self):
        self.failing, self.unknown = None, []  # Check; (Check, Result, because of its undecided)

    def causes(self):
        return unite(*[result for _, result, _ in self.unknown])


class DecisionState:
    """Which case of a decision was reached, and the causes if that makes it unknown."""

    def __init__(self, case, result):
        self.case, self.result = case, result  # result: unknown, or the outcome's name


class Evaluator(ExpressionEvaluator):
    """Evaluates facts and verdicts for one record at one instant."""

    # ---- facts

    def fact(self, fact):
        if fact not in self.read_facts:
            self.read_facts[fact] = self.read_fact(fact)
        return self.read_facts[fact]

    def read_fact(self, fact):
        result = self.record.facts[fact]
        if not result.known and fact.default is not None and self.record.is_missing(fact):
            given = self.at_place(fact.origin, fact.default, {})
            return given if given.known else unite(result, given)
        if not result.known or not self.may_expire(fact):
            return result
        observed = self.observed(fact.group)
        if observed is None:
            return result
        expiry = observed + fact.group.stale_after
        if self.now >= expiry:
            return unknown([("stale",) + fact.origin])
        self.changes_at(expiry)
        return result

    def may_expire(self, fact):
        subject = self.tables.program.subject
        return (
            fact.group.stale_after is not None
            and fact.name != fact.group.observed
            and not (subject is not None and subject.fact is fact)
        )

    def observed(self, group):
        if group.observed is not None:
            fact = group.by_name[group.observed]
            result = self.fact(fact)
            if result.known:
                return result.value
            if not self.record.is_missing(fact):
                return calendar_.TIME_MIN
        said = self.record.observed(group)
        return self.arrival if said is None else said

    # ---- policies

    def policy_state(self, policy):
        if policy not in self.states:
            state = PolicyState()
            for check in policy.checks:
                if check.kind == "check" and state.failing is None:
                    result, because = self.check_result(check)
                    if not result.known:
                        state.unknown.append((check, result, because))
                    elif not result.value:
                        state.failing = check
            self.states[policy] = state
        return self.states[policy]

    def check_result(self, check):
        """A check by Kleene, and the text of the undecided clause that was true."""
        node = check.node
        when = TRUE if node.when is None else self.at_place(check.origin, node.when, {})
        if when.known and not when.value:
            return TRUE, None
        rest, because = self.check_rest(check)
        if when.known or (rest.known and rest.value):
            return rest, because
        return unite(when, rest), because

    def check_rest(self, check):
        for condition, because in check.node.undecided:
            result = self.at_place(check.origin, condition, {})
            if not result.known:
                return result, None
            if result.value:
                return unknown([("undecided",) + check.origin]), because
        unknowns = []
        for condition in check.node.require:
            result = self.at_place(check.origin, condition, {})
            if not result.known:
                unknowns.append(result)
            elif not result.value:
                return FALSE, None
        return unite(*unknowns) if unknowns else TRUE, None

    def policy_outcome(self, policy):
        state = self.policy_state(policy)
        if state.failing is not None:
            return Result(policy.outcomes["fail"][0])
        return state.causes() if state.unknown else Result(policy.outcomes["pass"][0])

    def policy_check(self, policy):
        state = self.policy_state(policy)
        if state.unknown:
            return state.causes()
        return self.fault() if state.failing is None else Result(state.failing.name)

    # ---- decisions

    def decision_state(self, decision):
        if decision not in self.states:
            self.states[decision] = self.decide(decision)
        return self.states[decision]

    def decide(self, decision):
        for case in decision.cases:
            when = TRUE if case.when is None else self.at_place(case.origin, case.when, {})
            if not when.known:
                return DecisionState(None, when)
            if when.value:
                break
        if case.outcome is None:
            return DecisionState(case, unknown([("undecided",) + case.origin]))
        return DecisionState(case, Result(case.outcome))

    def decision_outcome(self, decision):
        return self.decision_state(decision).result

    def decision_field(self, decision, name):
        state = self.decision_state(decision)
        if not state.result.known:
            return state.result
        if (decision, name) not in self.fields:
            values = [value for field, value in state.case.fields if field == name]
            if not values:
                return self.fault()
            self.fields[decision, name] = self.at_place(state.case.origin, values[0], {})
        return self.fields[decision, name]

    # ---- messages

    def message(self, parts, place):
        """A message with its holes filled; None for none."""
        if parts is None:
            return None
        return "".join(
            part if isinstance(part, str) else self.printed(part, place) for part in parts
        )

    def printed(self, node, place):
        result = self.at_place(place, node, {})
        return print_value(result.value, node.type) if result.known else "unknown"
