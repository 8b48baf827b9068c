#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The slow reference evaluator as a command: rules and facts in, verdict lines out.

    oracle.py RULES --facts FILE|- [--at TIME] [--verdict NAME]... [-I DIR] [--param M.P=V]

It only needs to be right: it is written from spec/language.md, shares nothing with the compiler,
and the differential test compares the two.
"""

import argparse
import json
import os
import sys
import time

import calendar_
import facts
import verdict
from checker import Checker
from evaluate import Evaluator, Tables
from lexer import RuleError
from program import Program


def load(path, search=(), params=None):
    """A checked program with its tables, ready to evaluate."""
    folder = os.path.dirname(os.path.abspath(path))
    program = Program(path, list(search) + [folder], params)
    Checker(program)
    return Tables(program)


def evaluate_record(tables, raw, items, now, stats=None):
    """The verdicts of one record, raw or read before; raises BadRecord."""
    record = raw if isinstance(raw, facts.Record) else facts.Record(tables.program, raw)
    subject = subject_of(tables, record, now)
    return [verdict.verdict_of(item, tables, record, now, now, stats, subject) for item in items]


def subject_of(tables, record, now):
    """What names the subject of a record; None where the program declares none."""
    if tables.program.subject is None:
        return None
    result = Evaluator(tables, record, now, now).fact(tables.program.subject.fact)
    if not result.known:
        raise facts.BadRecord("no subject")
    return result.value


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rules")
    parser.add_argument("--facts", default="-")
    parser.add_argument("--at")
    parser.add_argument("--verdict", action="append", default=[])
    parser.add_argument("-I", dest="search", action="append", default=[])
    parser.add_argument("--param", action="append", default=[])
    return parser.parse_args()


def run(options):
    now = int(time.time()) if options.at is None else calendar_.time_of(options.at)
    if now is None:
        raise RuleError("--at: no time")
    tables = load(options.rules, options.search, dict(p.split("=", 1) for p in options.param))
    items = verdict.verdict_items(tables.program, options.verdict)
    if options.facts == "-":
        text = sys.stdin.buffer.read().decode("utf-8")
    else:
        with open(options.facts, "rb") as file:
            text = file.read().decode("utf-8")
    for raw in facts.records_of(text):
        try:
            for found in evaluate_record(tables, raw, items, now):
                print(verdict.to_line(found))
        except facts.BadRecord as error:
            print(json.dumps({"error": "bad_record", "message": str(error)}))


def main():
    sys.setrecursionlimit(10000)
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    try:
        run(arguments())
    except (RuleError, facts.TableError, LookupError) as error:
        print("oracle: %s" % error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
