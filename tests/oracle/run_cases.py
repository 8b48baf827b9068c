#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hand-written cases of the reference evaluator: rules, facts, and verdicts worked out by hand
from spec/language.md.

    run_cases.py [NAME...] [--muster PATH]

`cases/NAME.muster` holds the rules and comments `# at TIME` (one or more), `NAME.ndjson` the
facts, `NAME.expected` one JSON object for each verdict line, of which only the keys written are
compared; or a line `error` where the rules are to be refused, with words that the message holds.
With --muster the same cases are put to the command.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys

import calendar_
import facts
import oracle
import verdict
from lexer import RuleError

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")
AT = re.compile(r"^# at (\S+)$", re.MULTILINE)


class Refused(Exception):
    """The rules are refused, with this message."""


def oracle_verdicts(path, facts_path, instants):
    try:
        tables = oracle.load(path, [HERE])
    except (RuleError, facts.TableError) as error:
        raise Refused(str(error)) from error
    items, lines = verdict.verdict_items(tables.program), []
    with open(facts_path, encoding="utf-8") as file:
        text = file.read()
    for at in instants:
        for raw in facts.records_of(text):
            try:
                lines += oracle.evaluate_record(tables, raw, items, calendar_.time_of(at))
            except facts.BadRecord as error:
                lines.append({"error": "bad_record", "message": str(error)})
    return lines


def muster_verdicts(command, path, facts_path, instants):
    lines = []
    for at in instants:
        done = subprocess.run(
            [
                command,
                "eval",
                path,
                "--facts",
                facts_path,
                "--at",
                at,
                "--format",
                "ndjson",
                "-I",
                HERE,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=60,
        )
        found = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
        if done.returncode != 0 and not any("error" in line for line in found):
            raise Refused(done.stderr.decode("utf-8", "replace"))
        lines += found
    return lines


def mismatches(expected, found):
    """What is not as expected, as printable lines."""
    result = []
    if len(expected) != len(found):
        result.append("expected %d lines, found %d" % (len(expected), len(found)))
    for number, (a, b) in enumerate(zip(expected, found), 1):
        for key, value in a.items():
            if key == "rules" and key in b:
                b[key] = b[key].split("+")[0]  # the oracle knows no digest
            if key not in b or b[key] != value or type(b[key]) is not type(value):
                result.append(
                    "line %d %s: expected %s, found %s"
                    % (
                        number,
                        key,
                        json.dumps(value, ensure_ascii=False),
                        json.dumps(b.get(key), ensure_ascii=False),
                    )
                )
    return result


def run_case(path, command):
    """The mismatches of one case."""
    stem = path[: -len(".muster")]
    with open(path, encoding="utf-8") as file:
        instants = AT.findall(file.read()) or ["2026-08-15T00:00:00Z"]
    with open(stem + ".expected", encoding="utf-8") as file:
        expected = [line for line in file.read().splitlines() if line]
    try:
        if command:
            found = muster_verdicts(command, path, stem + ".ndjson", instants)
        else:
            found = oracle_verdicts(path, stem + ".ndjson", instants)
    except Refused as refused:
        if expected[0].startswith("error"):
            words = [] if command else expected[0][len("error") :].split()
            return [
                "message %r lacks %r" % (str(refused), word)
                for word in words
                if word not in str(refused)
            ]
        return ["refused: %s" % refused]
    if expected[0].startswith("error"):
        return ["expected to be refused"]
    return mismatches([json.loads(line) for line in expected], found)


def main():
    sys.setrecursionlimit(10000)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--muster")
    options = parser.parse_args()
    paths = sorted(glob.glob(os.path.join(HERE, "*.muster")))
    if options.names:
        paths = [
            path for path in paths if os.path.basename(path)[: -len(".muster")] in options.names
        ]
    failed = 0
    for path in paths:
        wrong = run_case(path, options.muster and os.path.abspath(options.muster))
        if wrong:
            failed += 1
            print("%s:\n  %s" % (os.path.basename(path), "\n  ".join(wrong)))
    print("%d passed, %d failed" % (len(paths) - failed, failed))
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
