#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `muster` with the reference evaluator on random programs.

    differential.py --muster PATH --count N --seed S [--features core1|all] [--jobs 1] [--keep DIR]

Every program is evaluated by both for some records at some instants; each verdict line must say
the same. A difference is made smaller, kept in a folder that reproduces it, and reported; the run
goes on and ends with 1.
"""

import argparse
import collections
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile

import builtins_
import calendar_
import facts
import generate
import oracle
import verdict

KEYS = (
    "subject",
    "verdict",
    "outcome",
    "kind",
    "check",
    "label",
    "reason",
    "remedy",
    "cite",
    "fields",
    "unknown_checks",
    "advice",
    "missing",
    "invalid",
    "stale",
    "undecided",
    "fault",
    "at",
    "valid_until",
)
LEAST_COUNT, LEAST_EVALUATIONS = 100, 40000
TRUTHS, KNOWN = ("true", "false", "unknown"), ("known", "unknown")
CORE_OPERATORS = {
    **{op: TRUTHS for op in ("and", "or", "not", "if", "any", "all", "count", "first", "last")},
    **{
        op: KNOWN
        for op in (
            "==",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "in",
            "in table",
            "is unknown",
            "??",
            "+",
            "-",
            "*",
            "/",
            "%",
            "unary -",
            "[ ]",
            "part()",
            "version()",
        )
    },
}
ALL_OPERATORS = {
    **CORE_OPERATORS,
    **{op + " where": TRUTHS for op in ("sum", "min", "max")},
    **{op: KNOWN for op in ("sum", "min", "max", "like", "within")},
    **{name + "()": KNOWN for name in builtins_.BY_NAME},
}
SHRINK_RUNS = 80


class MusterFailed(Exception):
    """The command ended with something else than 0."""


def muster_lines(command, folder, at):
    """What `muster` says about the facts in a folder, as parsed lines."""
    done = subprocess.run(
        [
            command,
            "eval",
            "main.muster",
            "--facts",
            "facts.ndjson",
            "--at",
            at,
            "--format",
            "ndjson",
            "-I",
            ".",
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    if done.returncode != 0:
        raise MusterFailed(
            "exit %d: %s" % (done.returncode, done.stderr.decode("utf-8", "replace")[:600])
        )
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def read_records(tables, records):
    """The records of a case, read once for all instants; a BadRecord for one that is rejected."""
    found = []
    for raw in facts.records_of("\n".join(records)):
        try:
            found.append(facts.Record(tables.program, raw))
        except facts.BadRecord as error:
            found.append(error)
    return found


def oracle_lines(tables, records, at, stats=None):
    """What the reference evaluator says, in the same form."""
    now, items, lines = calendar_.time_of(at), verdict.verdict_items(tables.program), []
    for record in records:
        try:
            lines += oracle.evaluate_record(tables, record, items, now, stats)
        except facts.BadRecord:
            lines.append({"error": "bad_record"})
    return lines


def differences(expected, found):
    """Pairs (line, key, expected, found) of what is not the same."""
    result = []
    if len(expected) != len(found):
        result.append((0, "number of lines", len(expected), len(found)))
    for number, (a, b) in enumerate(zip(expected, found)):
        keys = ("error",) if "error" in a or "error" in b else KEYS
        result += [
            (number, key, a.get(key, "absent"), b.get(key, "absent"))
            for key in keys
            if a.get(key, "absent") != b.get(key, "absent")
            or type(a.get(key)) is not type(b.get(key))
        ]
        if "error" not in a and list(a) != list(b):
            result.append((number, "order of keys", list(a), list(b)))
    return result


def compare(command, case, folder, stats=None):
    """The first instant at which the two differ: (instant, differences), or None."""
    shutil.rmtree(folder, ignore_errors=True)
    case.write(folder)
    tables = oracle.load(os.path.join(folder, "main.muster"), [folder])
    records = read_records(tables, case.records)
    for at in case.instants:
        expected = oracle_lines(tables, records, at, stats)
        try:
            found = muster_lines(command, folder, at)
        except (MusterFailed, ValueError, subprocess.TimeoutExpired) as error:
            return at, [(0, "muster", "exit 0", str(error))]
        different = differences(expected, found)
        if different:
            return at, different
    return None


# ---- making a difference smaller


def still_differs(command, case, folder, symptom):
    """Does a smaller case show the same kind of difference? What is not valid any more does not."""
    try:
        result = compare(command, case, folder)
    except (oracle.RuleError, facts.TableError, LookupError, RecursionError):
        return False
    return result is not None and result[1][0][1] == symptom


def smaller_cases(case):
    """Cases with one thing less: an instant, half of the records, a record, an item."""
    if len(case.instants) > 1:
        for at in case.instants:
            yield variant(case, instants=[at])
    size = len(case.records)
    if size > 1:
        yield variant(case, records=case.records[: size // 2])
        yield variant(case, records=case.records[size // 2 :])
        if size <= 4:
            for i in range(size):
                yield variant(case, records=case.records[:i] + case.records[i + 1 :])
    for name, text in case.files.items():
        parts = text.rstrip("\n").split("\n\n")
        for i in range(len(parts) - 1, 0, -1):
            files = dict(case.files)
            files[name] = "\n\n".join(parts[:i] + parts[i + 1 :]) + "\n"
            yield variant(case, files=files)


def variant(case, **changes):
    other = generate.Case()
    other.__dict__.update(case.__dict__)
    other.__dict__.update(changes)
    return other


def shrink(command, case, folder, symptom):
    """Drop what can be dropped, within a fixed number of runs."""
    runs, again = 0, True
    while again:
        again = False
        for smaller in smaller_cases(case):
            runs += 1
            if runs > SHRINK_RUNS:
                return case
            if still_differs(command, smaller, folder, symptom):
                case, again = smaller, True
                break
    return case


def keep(command, case, folder):
    """Write rules, facts and both outputs to a folder."""
    result = compare(command, case, folder)
    at = case.instants[0] if result is None else result[0]
    tables = oracle.load(os.path.join(folder, "main.muster"), [folder])
    with open(os.path.join(folder, "expected.ndjson"), "w", encoding="utf-8") as file:
        file.write(
            "".join(
                verdict.to_line(line) + "\n"
                for line in oracle_lines(tables, read_records(tables, case.records), at)
            )
        )
    try:
        found = "".join(verdict.to_line(line) + "\n" for line in muster_lines(command, folder, at))
    except (MusterFailed, ValueError, subprocess.TimeoutExpired) as error:
        found = str(error) + "\n"
    with open(os.path.join(folder, "found.ndjson"), "w", encoding="utf-8") as file:
        file.write(found)
    with open(os.path.join(folder, "at.txt"), "w", encoding="utf-8") as file:
        file.write(at + "\n")
    return at, result[1] if result else []


# ---- the run


def run_program(task):
    """One seed: (seed, None or report, operand counts)."""
    seed, options = task
    stats, folder = collections.Counter(), os.path.join(options.work, str(seed))
    try:
        case = generate.generate(seed, options.features, options.records)
        del case.instants[options.instants:]
        result = compare(options.muster, case, folder, stats)
        report = None
        if result is not None:
            small = (
                shrink(options.muster, case, folder, result[1][0][1]) if options.shrink else case
            )
            kept = os.path.join(options.keep, "seed-%d" % seed)
            at, different = keep(options.muster, small, kept)
            report = describe(seed, kept, at, different or result[1])
    except (oracle.RuleError, facts.TableError, LookupError) as error:
        report = "seed %d: the reference evaluator refused its own program: %s" % (seed, error)
    shutil.rmtree(folder, ignore_errors=True)
    return seed, report, stats


def describe(seed, folder, at, different):
    lines = ["seed %d differs at %s (%s):" % (seed, at, folder)]
    for number, key, expected, found in different[:6]:
        lines.append(
            "  line %d %s: expected %s"
            % (number + 1, key, json.dumps(expected, ensure_ascii=False))
        )
        lines.append(
            "  %s found    %s"
            % (" " * len("line %d %s:" % (number + 1, key)), json.dumps(found, ensure_ascii=False))
        )
    return "\n".join(lines)


def print_table(stats, features):
    """How often operands were true, false, known and unknown; returns what is below the least
    count."""
    operators, short = ALL_OPERATORS if features == "all" else CORE_OPERATORS, []
    print("%-16s %10s %10s %10s %10s" % ("operand of", "true", "false", "known", "unknown"))
    for operator, states in sorted(operators.items()):
        counts = {state: stats[operator, state] for state in states}
        if "known" in counts:
            counts["known"] += stats[operator, "true"] + stats[operator, "false"]
        print(
            "%-16s %10s %10s %10s %10s"
            % (
                (operator,)
                + tuple(counts.get(s, "") for s in ("true", "false", "known", "unknown"))
            )
        )
        short += [
            "%s %s: %d" % (operator, state, n) for state, n in counts.items() if n < LEAST_COUNT
        ]
    return short


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--muster", required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--features", choices=["core1", "all"], default="all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--records", type=int, default=20, help="of each program")
    parser.add_argument("--instants", type=int, default=2, choices=[1, 2], help="of each program")
    parser.add_argument("--keep", default="differential-failures", help="folder for reproductions")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    options = parser.parse_args()
    options.muster, options.keep = os.path.abspath(options.muster), os.path.abspath(options.keep)
    return options


def main():
    sys.setrecursionlimit(10000)
    options = arguments()
    stats, failed = collections.Counter(), 0
    with tempfile.TemporaryDirectory(prefix="muster-differential-") as options.work:
        tasks = [(seed, options) for seed in range(options.seed, options.seed + options.count)]
        pool = multiprocessing.Pool(options.jobs) if options.jobs > 1 else None
        for _, report, counts in (
            pool.imap_unordered(run_program, tasks) if pool else map(run_program, tasks)
        ):
            stats.update(counts)
            if report is not None:
                failed += 1
                print(report, flush=True)
    short = print_table(stats, options.features)
    evaluations = options.count * options.records * options.instants
    if short and evaluations >= LEAST_EVALUATIONS:
        print("too few operands of: " + "; ".join(short))
        failed += 1
    print("%d passed, %d failed" % (max(options.count - failed, 0), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
