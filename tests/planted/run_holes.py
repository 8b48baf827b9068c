#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Planted holes: do mutants of images find a check that the verifier has lost?

    tests/planted/run_holes.py [--build-dir DIR] [--only NN]... [--every N] [--mutants N]

Each holes/NN-name.plant takes a check of the verifier away or weakens it (README.md has the
format). In a copy of the tree below DIR (a temporary folder, if none is named) each is put in, the
replay of image mutants is built with AddressSanitizer, UBSan, the assertions of the loop and its
counting of steps, and run until something is found. What no mutant finds is a check that is not
needed, or mutants that are too weak.

Ends with 1 if a hole was missed, if one does not apply or build any more, or if something is found
in the tree as it is.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from run import HERE, Broken, Plant, copy_tree, run_quietly

COPIED = ("CMakeLists.txt", "cmake", "lang", "runtime", "tools/muster", "tests/CMakeLists.txt",
          "tests/fuzz", "tests/golden/image", "tests/unit", "tests/oracle/cases", "stdlib-rules")
SANITIZER = {"ASAN_OPTIONS": "abort_on_error=0:detect_leaks=0",
             "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=0"}
# What a run says of its end, the telling part of it.
REASONS = (re.compile(r"SUMMARY: \w+: (.*)"), re.compile(r"runtime error: (.*)"),
           re.compile(r"(\S+:\d+: expected .*)"))


def configure(tree, build):
    run_quietly(["cmake", "-S", tree, "-B", build, "-G", "Ninja", "-DMST_SANITIZE=address",
                 "-DMST_UNIT_TESTS=OFF"], "it does not configure")


def compile_replay(build, jobs):
    run_quietly(["cmake", "--build", build, "-j", str(jobs), "--target", "replay_image"],
                "it does not build")


def look_for(build, mutants, seconds):
    """How the hole is noticed: a text, or None."""
    environment = dict(os.environ, MST_MUTANTS=str(mutants), **SANITIZER)
    try:
        done = subprocess.run([build / "tests" / "replay_image"], env=environment, timeout=seconds,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    except subprocess.TimeoutExpired:
        return "it does not end"
    if done.returncode == 0:
        return None
    text = done.stderr.decode("utf-8", "replace")
    found = [match[1] for match in (reason.search(text) for reason in REASONS) if match]
    if not found and done.returncode == -signal.SIGILL:
        found = ["a trap: an assertion, or more steps than proven"]
    return found[0] if found else "ended with %d" % done.returncode


def try_plant(path, tree, build, options):
    """(passed, what happened) of one plant; the tree is as before afterwards."""
    former = {}
    try:
        plant = Plant(path)
        former = plant.put_in(tree)
        compile_replay(build, options.jobs)
        noticed = look_for(build, options.mutants, options.seconds)
    except Broken as error:
        return False, "broken  %s" % error
    finally:
        for file, text in former.items():
            file.write_text(text, encoding="utf-8")
    if noticed:
        return True, "found   " + noticed
    return False, "MISSED  " + plant.about.strip()


def run_all(folder, options):
    tree, build = folder / "tree", folder / "build"
    plants = sorted((HERE / "holes").glob("*.plant"))
    if options.only:
        plants = [p for p in plants if {p.name.split("-")[0], p.stem} & set(options.only)]
    plants = plants[::options.every]
    copy_tree(tree, COPIED)
    started, passed, failed = time.monotonic(), 0, 0
    try:
        configure(tree, build)
        compile_replay(build, options.jobs)
        found = look_for(build, options.mutants, options.seconds)
        if found:
            raise Broken(found)
    except Broken as error:
        print("broken  the tree as it is: %s\n0 passed, %d failed" % (error, len(plants) + 1))
        return 1
    print("%5.1f s  without a hole" % (time.monotonic() - started), flush=True)
    for path in plants:
        started = time.monotonic()
        good, happened = try_plant(path, tree, build, options)
        passed, failed = passed + good, failed + (not good)
        print("%5.1f s  %-28s %s" % (time.monotonic() - started, path.stem, happened), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return 0 if passed and not failed else 1


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, help="kept, so that the next run is fast")
    parser.add_argument("--only", action="append", help="the number of a plant, or its name")
    parser.add_argument("--every", type=int, default=1, help="only every N-th hole")
    parser.add_argument("--mutants", type=int, default=60000, help="that are tried at most")
    parser.add_argument("--seconds", type=int, default=600, help="of one run at most")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if options.build_dir:
        return run_all(options.build_dir.resolve(), options)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="muster-holes-"))
    try:
        return run_all(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
