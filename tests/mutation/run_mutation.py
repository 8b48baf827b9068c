#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`muster test --mutate` against the plain way: each change made in a copy of the files, one by
one, and all tests run by a new process.

    run_mutation.py --muster PATH

It must say of each change what the plain way says: a test fails, none does, or the rules do not
compile; and the same in any number of threads.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LEAST = 30  # changes: with less the rules of this folder were not read


def run(muster, folder, *arguments):
    """Exit code and result of a test run over the rules in a folder."""
    done = subprocess.run([muster, "test", "rules", "--format", "json", *arguments], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.returncode, json.loads(done.stdout)


def offset_of(text, line, column):
    """The place of a line and column, which count characters from 1."""
    lines = text.splitlines(keepends=True)
    return sum(len(line) for line in lines[: line - 1]) + column - 1


def plain_fate(muster, folder, change):
    """What becomes of a change, with nothing clever."""
    path = folder / change["path"]
    before = path.read_text(encoding="utf-8")
    at = offset_of(before, change["line"], change["column"])
    behind = at + len(change["before"])
    if before[at:behind] != change["before"]:
        return "misplaced"
    path.write_text(before[:at] + change["after"] + before[behind:], encoding="utf-8")
    code, result = run(muster, folder)
    path.write_text(before, encoding="utf-8")
    if result["failed"] > 0:
        return "killed"
    return "refused" if code != 0 else "survived"


def compare(muster, folder):
    """Lines that say what is wrong."""
    _, result = run(muster, folder, "--mutate", "--verbose", "--jobs", "1")
    _, threaded = run(muster, folder, "--mutate", "--verbose", "--jobs", "3")
    wrong = [] if result == threaded else ["three threads come to another result than one"]
    changes = result["mutation"]["changes"]
    if len(changes) < LEAST:
        wrong.append(f"only {len(changes)} changes")
    for change in changes:
        told = "survived" if change["fate"] == "equal" else change["fate"]
        plain = plain_fate(muster, folder, change)
        if told != plain:
            wrong.append(f"{change['path']}:{change['line']}: {change['becomes']}: "
                         f"{told}, but {plain} the plain way")
    fates = [change["fate"] for change in changes]
    print(", ".join(f"{fates.count(fate)} {fate}" for fate in sorted(set(fates))))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--muster", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / "rules", pathlib.Path(folder) / "rules")
        muster = str(pathlib.Path(arguments.muster).resolve())
        wrong = compare(muster, pathlib.Path(folder))
    print("\n".join(wrong) or "the same as the plain way")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
