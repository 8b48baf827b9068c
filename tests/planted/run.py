#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Planted faults: do the tests notice a subtle bug in the compiler or in the vm?

    tests/planted/run.py [--build-dir DIR] [--only NN]... [--count N] [--jobs N]

Each NN-name.plant is one deliberate bug (README.md has the format). In a copy of the tree below DIR
(a temporary folder, if none is named) each is put in, `muster` is built, and the hand cases of the
reference evaluator and its differential test are run until something fails that does not fail
without the bug. What nothing notices is a hole in the tests.

Ends with 1 if a bug was missed, if one does not apply or build any more, or if the tree as it is
fails.
"""

import os
import re
import subprocess
import sys
import time

from plants import (HERE, ROOT, Broken, choose_plants, copy_tree, make_parser, run_in_folder,
                    run_quietly, try_all, try_plant)

ORACLE = ROOT / "tests" / "oracle"
CASE_FAILED = re.compile(r"^(\w+)\.muster:$")
SEED_FAILED = re.compile(r"^seed (\d+)[ :]")


# ---- the tree under test


def configure(tree, build):
    run_quietly(["cmake", "-S", tree, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                 "-DMST_TESTS=OFF"], "it does not configure")


def compile_muster(build, jobs):
    run_quietly(["cmake", "--build", build, "-j", str(jobs), "--target", "muster-command"],
                "it does not build")


# ---- looking for the bug


def failed_cases(muster):
    """What is wrong with hand cases, as (case, line) pairs."""
    done = subprocess.run([sys.executable, "-B", ORACLE / "run_cases.py", "--muster", muster],
                          stdout=subprocess.PIPE, check=False)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    if not lines or not lines[-1].endswith("failed"):
        return {("run_cases", "it came to no end")}
    found, case = set(), ""
    for line in lines[:-1]:
        begins = CASE_FAILED.match(line)
        case = begins[1] if begins else case
        found.add((case, "" if begins else line))
    return found


def failed_seeds(muster, options, folder, known=None):
    """Seeds of programs that differ; with `known`, only until one is found that is not in it."""
    words = [sys.executable, "-B", ORACLE / "differential.py", "--muster", muster,
             "--count", str(options.count), "--seed", str(options.seed), "--no-shrink",
             "--features", options.features, "--keep", folder, "--jobs", str(options.jobs)]
    found = set()
    with subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) as process:
        for line in process.stdout:
            seed = SEED_FAILED.match(line.decode("utf-8", "replace"))
            if seed:
                found.add(int(seed[1]))
                if known is not None and not found <= known:
                    os.killpg(process.pid, 9)
                    break
    return found


def look_for(plant, muster, options, folder, clean):
    """How the bug is noticed: a text, or None."""
    cases = sorted({case for case, _ in failed_cases(muster) - clean["cases"]})
    seeds = sorted(failed_seeds(muster, options, folder, clean["seeds"]) - clean["seeds"])
    noticed = []
    if cases:
        noticed.append("hand cases %s" % ", ".join(cases[:3]) + (", …" if len(cases) > 3 else ""))
    if seeds:
        noticed.append("differential test, seed %d" % seeds[0])
    return "; ".join(noticed) or None


def try_clean(tree, build, options):
    """What fails without any bug; ideally nothing."""
    configure(tree, build)
    compile_muster(build, options.jobs)
    return {"cases": failed_cases(build / "muster"),
            "seeds": failed_seeds(build / "muster", options, build / "differs")}


def run_all(folder, options):
    tree, build = folder / "tree", folder / "build"
    paths = choose_plants(HERE, options.only)
    copy_tree(tree)
    started, failed = time.monotonic(), 0
    try:
        clean = try_clean(tree, build, options)
    except Broken as error:
        print("broken  the tree as it is: %s\n0 passed, %d failed" % (error, len(paths) + 1))
        return 1
    if clean["cases"] or clean["seeds"]:
        failed += 1
        print("broken  the tree as it is: hand cases %s, seeds %s" % (
            sorted({case for case, _ in clean["cases"]}) or "none",
            sorted(clean["seeds"]) or "none"))
    print("%5.1f s  without a bug" % (time.monotonic() - started), flush=True)

    def notice(plant):
        return look_for(plant, build / "muster", options, build / "differs", clean)

    return try_all(paths, failed, lambda path: try_plant(
        path, tree, lambda: compile_muster(build, options.jobs), notice))


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--count", type=int, default=150, help="programs of the differential test")
    parser.add_argument("--seed", type=int, default=1, help="of the first of them")
    parser.add_argument("--features", choices=["core1", "all"], default="all")
    return run_in_folder(parser.parse_args(), run_all)


if __name__ == "__main__":
    sys.exit(main())
