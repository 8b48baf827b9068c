#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Properties that the language promises, tried on random programs with the reference evaluator
alone.

    properties.py [--count N] [--seed S] [--features core1|all]

Never late: at every instant from `now` up to `valid_until` the verdict is the same (section 8 of
spec/language.md). Twenty instants are tried for each verdict, the last second among them. How many
verdicts change exactly at it is reported: `valid_until` may be early.

Knowing more changes nothing that is known: a known outcome stays when a missing fact arrives, where
neither `??`, `is unknown`, `undecided`, a default nor `observed FACT` is used (section 12).
"""

import argparse
import os
import random
import shutil
import sys
import tempfile

import calendar_
import facts
import generate
import oracle
import slopes
import verdict

SAME = ("outcome", "kind", "check", "label", "reason", "remedy", "cite", "fields", "advice")


SAMPLES = 20


def later_instants(now, end, dice):
    """Instants at which the verdict must be what it is now: the next ones, the last one, and some
    between, near ones more often than far ones."""
    instants = {now + 1, now + 60, end - 1, (now + end) // 2}
    while len(instants) < SAMPLES and end - now > 2 * SAMPLES:
        instants.add(now + max(1, int((end - now) ** dice.random())))
    return sorted(instant for instant in instants if now < instant < end)


def differences(first, then):
    """The keys in which two verdicts differ."""
    return [key for key in SAME if first[key] != then[key]]


def try_verdict(item, tables, record, now, dice):
    """(descriptions of changes before valid_until, whether it ends, whether it changes then)"""
    first = verdict.verdict_of(item, tables, record, now, now)
    until = first["valid_until"]
    end = calendar_.TIME_MAX + 1 if until is None else calendar_.time_of(until)
    found = []
    for instant in later_instants(now, end, dice):
        then = verdict.verdict_of(item, tables, record, instant, now)
        found += [
            "%s at %s valid until %s: %s is %r, at %s %r"
            % (item.name, first["at"], until, key, first[key], then["at"], then[key])
            for key in differences(first, then)
        ]
    if until is None:
        return found, False, False
    return found, True, bool(
        differences(first, verdict.verdict_of(item, tables, record, end, now))
    )


# ---- knowing more


def is_plain(item, seen):
    """Does an item, with all that it reads, do without asking what is unknown?"""
    if item in seen:
        return True
    seen.add(item)
    if item.kind == "fact":
        return item.default is None and item.group.observed is None
    if item.kind == "policy" and any(check.node.undecided for check in item.checks):
        return False
    for expression in slopes.expressions_of(item):
        if not is_plain_expression(expression):
            return False
        if not all(is_plain(needed, seen) for needed in slopes.needs(expression)):
            return False
    return True


def is_plain_expression(node):
    if node.kind == "is_unknown" or (node.kind == "binary" and node.op == "??"):
        return False
    return all(is_plain_expression(child) for child in slopes.children(node))


def try_arrivals(item, tables, record, others, now):
    """(descriptions of outcomes that change as facts arrive, how many arrivals were tried)"""
    first = verdict.verdict_of(item, tables, record, now, now)
    found, tried = [], 0
    if first["kind"] == "unknown":
        return found, tried
    for fact in [fact for fact in record.facts if record.is_missing(fact)]:
        for other in others:
            if not other.facts[fact].known:
                continue
            before = record.facts[fact]
            record.facts[fact] = other.facts[fact]
            then = verdict.verdict_of(item, tables, record, now, now)
            record.facts[fact] = before
            tried += 1
            if then["outcome"] != first["outcome"]:
                found.append(
                    "%s at %s: %s, with %s %s"
                    % (item.name, first["at"], first["outcome"], fact.path, then["outcome"])
                )
    return found, tried


# ---- the whole


def run_program(seed, features, folder):
    """(what is wrong, verdicts that end, those of them that change at their end, facts that arrived
    where the outcome was known)"""
    shutil.rmtree(folder, ignore_errors=True)
    case = generate.generate(seed, features, 6)
    case.write(folder)
    tables = oracle.load(os.path.join(folder, "main.muster"), [folder])
    dice = random.Random(seed)
    found, ending, exact, arrived = [], 0, 0, 0
    raws = list(facts.records_of("\n".join(case.records)))
    records = [facts.Record(tables.program, raw) for raw in raws]
    for item in verdict.verdict_items(tables.program):
        plain = is_plain(item, set())
        for at in case.instants:
            now = calendar_.time_of(at)
            for record in records:
                late, ends, changes = try_verdict(item, tables, record, now, dice)
                found, ending, exact = found + late, ending + ends, exact + changes
                if plain:
                    changed, tried = try_arrivals(item, tables, record, records, now)
                    found, arrived = found + changed, arrived + tried
    return found, ending, exact, arrived


def main():
    sys.setrecursionlimit(10000)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--features", choices=["core1", "all"], default="all")
    options = parser.parse_args()
    failed = ending = exact = arrived = 0
    with tempfile.TemporaryDirectory(prefix="muster-properties-") as folder:
        for seed in range(options.seed, options.seed + options.count):
            found, ends, changes, arrivals = run_program(
                seed, options.features, os.path.join(folder, "case")
            )
            ending, exact, arrived = ending + ends, exact + changes, arrived + arrivals
            if found:
                failed += 1
                print("seed %d: %d wrong, first: %s" % (seed, len(found), found[0]), flush=True)
    if ending:
        print(
            "%d verdicts end; %.0f %% of them change exactly then" % (ending, 100 * exact / ending)
        )
    print("%d facts arrived where an outcome was known" % arrived)
    print("%d passed, %d failed" % (options.count - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
