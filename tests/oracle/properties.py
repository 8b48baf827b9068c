#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Properties that the language promises, tried on random programs with the reference evaluator
alone.

    properties.py [--count N] [--seed S] [--features core1|all]

Never late: at every instant from `now` up to `valid_until` the verdict is the same (section 8 of
spec/language.md). Twenty instants are tried for each verdict, the last second among them. How many
verdicts change exactly at it is reported: `valid_until` may be early.
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


def run_program(seed, features, folder):
    """(descriptions of what is late, verdicts that end, those of them that change at their end)"""
    shutil.rmtree(folder, ignore_errors=True)
    case = generate.generate(seed, features, 6)
    case.write(folder)
    tables = oracle.load(os.path.join(folder, "main.muster"), [folder])
    dice = random.Random(seed)
    found, ending, exact = [], 0, 0
    for at in case.instants:
        for raw in facts.records_of("\n".join(case.records)):
            record = facts.Record(tables.program, raw)
            for item in verdict.verdict_items(tables.program):
                late, ends, changes = try_verdict(
                    item, tables, record, calendar_.time_of(at), dice
                )
                found, ending, exact = found + late, ending + ends, exact + changes
    return found, ending, exact


def main():
    sys.setrecursionlimit(10000)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--features", choices=["core1", "all"], default="all")
    options = parser.parse_args()
    failed = ending = exact = 0
    with tempfile.TemporaryDirectory(prefix="muster-properties-") as folder:
        for seed in range(options.seed, options.seed + options.count):
            found, ends, changes = run_program(
                seed, options.features, os.path.join(folder, "case")
            )
            ending, exact = ending + ends, exact + changes
            if found:
                failed += 1
                print("seed %d: %d late, first: %s" % (seed, len(found), found[0]), flush=True)
    if ending:
        print(
            "%d verdicts end; %.0f %% of them change exactly then" % (ending, 100 * exact / ending)
        )
    print("%d passed, %d failed" % (options.count - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
