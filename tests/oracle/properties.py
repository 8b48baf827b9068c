#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Properties that the language promises, tried on random programs with the reference evaluator
alone.

    properties.py [--count N] [--seed S] [--features core1|all]

Never late: at every instant from `now` up to `valid_until` the verdict is the same (section 8 of
spec/language.md).
"""

import argparse
import os
import shutil
import sys
import tempfile

import calendar_
import facts
import generate
import oracle
import verdict

SAME = ("outcome", "kind", "check", "label", "reason", "remedy", "cite", "fields", "advice")


def later_instants(now, valid_until):
    """Instants at which the verdict must be what it is now: near, in the middle, and just before
    the end."""
    end = calendar_.TIME_MAX + 1 if valid_until is None else calendar_.time_of(valid_until)
    days = [
        now + 1,
        now + 60,
        now + calendar_.DAY,
        now + 31 * calendar_.DAY,
        (now + end) // 2,
        end - 1,
    ]
    return sorted({instant for instant in days if now < instant < end})


def late(tables, raw, now):
    """Descriptions of verdicts of one record that change before their valid_until."""
    record, found = facts.Record(tables.program, raw), []
    for item in verdict.verdict_items(tables.program):
        first = verdict.verdict_of(item, tables, record, now, now)
        for instant in later_instants(now, first["valid_until"]):
            then = verdict.verdict_of(item, tables, record, instant, now)
            found += [
                "%s at %s valid until %s: %s is %r, at %s %r"
                % (
                    item.name,
                    first["at"],
                    first["valid_until"],
                    key,
                    first[key],
                    then["at"],
                    then[key],
                )
                for key in SAME
                if first[key] != then[key]
            ]
    return found


def run_program(seed, features, folder):
    shutil.rmtree(folder, ignore_errors=True)
    case = generate.generate(seed, features, 6)
    case.write(folder)
    tables = oracle.load(os.path.join(folder, "main.muster"), [folder])
    found = []
    for at in case.instants:
        for raw in facts.records_of("\n".join(case.records)):
            found += late(tables, raw, calendar_.time_of(at))
    return found


def main():
    sys.setrecursionlimit(10000)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--features", choices=["core1", "all"], default="all")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="muster-properties-") as folder:
        for seed in range(options.seed, options.seed + options.count):
            found = run_program(seed, options.features, os.path.join(folder, "case"))
            if found:
                failed += 1
                print("seed %d: %d late, first: %s" % (seed, len(found), found[0]), flush=True)
    print("%d passed, %d failed" % (options.count - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
