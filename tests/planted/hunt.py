#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Planted faults that something is to hit upon by itself: do mutants of images find a check that
the verifier has lost, does the fuzzer find a check that the compiler has lost?

    tests/planted/hunt.py holes|front [--build-dir DIR] [--only NN]... [--every N]

Each holes/NN-name.plant takes a check of the verifier away, each front/NN-name.plant one of the
compiler (README.md has the format). In a copy of the tree below DIR (a temporary folder, if none is
named) each is put in, the replay of image mutants or the fuzz target of sources is built with
AddressSanitizer and UBSan, and run until something is found. What nothing finds is a check that is
not needed, or a hunt that is too weak.

Ends with 1 if a fault was missed, if one does not apply or build any more, or if something is found
in the tree as it is.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

from plants import (HERE, ROOT, Broken, choose_plants, copy_tree, make_parser, run_in_folder,
                    run_quietly, try_all, try_plant)

SANITIZER = {"ASAN_OPTIONS": "abort_on_error=0:detect_leaks=0",
             "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=0"}
# What a run says of its end, the telling part of it.
REASONS = (re.compile(r"SUMMARY: \w+: (.*)"), re.compile(r"runtime error: (.*)"),
           re.compile(r"(\S+:\d+: expected .*)"))


class Hunt:
    """A program that is built and run; what is found ends it."""

    def __init__(self, build, options):
        self.build, self.options = build, options

    def configure(self, tree):
        run_quietly(["cmake", "-S", tree, "-B", self.build, "-G", "Ninja", "-DMST_UNIT_TESTS=OFF",
                     *self.SETTINGS], "it does not configure")

    def compile(self):
        run_quietly(["cmake", "--build", self.build, "-j", str(self.options.jobs), "--target",
                     self.TARGET], "it does not build")

    def run(self, command, seconds, **environment):
        """How a fault is noticed: a text, or None."""
        try:
            done = subprocess.run(command, env=dict(os.environ, **SANITIZER, **environment),
                                  timeout=seconds, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, check=False)
        except subprocess.TimeoutExpired:
            return "it does not end"
        if done.returncode == 0:
            return None
        text = done.stderr.decode("utf-8", "replace")
        found = [match[1] for match in (reason.search(text) for reason in REASONS) if match]
        if not found and done.returncode == -signal.SIGILL:
            found = ["a trap: an assertion, or more steps than proven"]
        return found[0] if found else "ended with %d" % done.returncode


class Mutants(Hunt):
    """60,000 mutants of images against the verifier, the loop's assertions and counts."""
    SETTINGS, TARGET = ("-DMST_SANITIZE=address",), "replay_image"
    MUTANTS = 60000

    def look(self):
        return self.run([self.build / "tests" / "replay_image"], 600, MST_MUTANTS=str(self.MUTANTS))


class Fuzzer(Hunt):
    """Two minutes of libFuzzer against the compiler, from the seeds that tools/fuzz begins with."""
    SETTINGS, TARGET = ("-DCMAKE_C_COMPILER=clang", "-DMST_FUZZ=ON"), "fuzz_source"
    SECONDS = 120

    def look(self):
        work, seeds = self.build / "work", self.build / "seeds"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        run_quietly([sys.executable, "-B", ROOT / "tests/fuzz/make_seeds.py", seeds], "no seeds")
        return self.run(
            [self.build / "fuzz" / "fuzz_source", "-max_total_time=%d" % self.SECONDS,
             "-timeout=25", "-rss_limit_mb=2048", "-max_len=16384",
             "-dict=%s" % (ROOT / "tests/fuzz/source.dict"), "-artifact_prefix=%s/" % self.build,
             work, ROOT / "tests/fuzz/corpus/source", seeds / "source"], self.SECONDS + 60)


HUNTS = {"holes": Mutants, "front": Fuzzer}


def run_all(folder, options):
    tree, hunt = folder / "tree", HUNTS[options.hunt](folder / "build", options)
    paths = choose_plants(HERE / options.hunt, options.only)[::options.every]
    copy_tree(tree)
    started = time.monotonic()
    try:
        hunt.configure(tree)
        hunt.compile()
        found = hunt.look()
        if found:
            raise Broken(found)
    except Broken as error:
        print("broken  the tree as it is: %s\n0 passed, %d failed" % (error, len(paths) + 1))
        return 1
    print("%5.1f s  the tree as it is" % (time.monotonic() - started), flush=True)
    return try_all(paths, 0, lambda path: try_plant(
        path, tree, hunt.compile, lambda plant: hunt.look()))


def main():
    parser = make_parser(__doc__)
    parser.add_argument("hunt", choices=HUNTS)
    parser.add_argument("--every", type=int, default=1, help="only every N-th plant")
    return run_in_folder(parser.parse_args(), run_all)


if __name__ == "__main__":
    sys.exit(main())
