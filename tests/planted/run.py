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

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COPIED = ("CMakeLists.txt", "cmake", "lang", "runtime", "tools/muster")
ORACLE = ROOT / "tests" / "oracle"
TOKEN = re.compile(r"\w+|[^\w\s]")
WORD = re.compile(r"\w")
CASE_FAILED = re.compile(r"^(\w+)\.muster:$")
SEED_FAILED = re.compile(r"^seed (\d+)[ :]")


class Broken(Exception):
    """A plant that does not apply or build."""


# ---- plants


def pattern_of(text):
    """Matches the same tokens, whatever white space is between them: reformatting does no harm."""
    tokens, parts = TOKEN.findall(text), []
    for before, after in zip([""] + tokens, tokens):
        if before:
            parts.append(r"\s+" if WORD.match(before) and WORD.match(after) else r"\s*")
        parts.append(re.escape(after))
    return re.compile("".join(parts))


class Plant:
    """One bug: its number and name, what it is, and replacements (file, old, new)."""

    def __init__(self, path):
        self.name = path.stem
        self.about, self.edits = "", []
        part = None
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.startswith("file "):
                self.edits.append({"file": line.split()[1], "old": "", "new": ""})
                part = None
            elif line.rstrip("\n") in ("old", "new") and self.edits:
                part = line.rstrip("\n")
            elif part is not None:
                self.edits[-1][part] += line
            elif line.startswith("#"):
                self.about += line[1:].rstrip("\n")
        if not self.edits or not all(edit["old"].strip() for edit in self.edits):
            raise Broken("it says nothing to replace")

    def put_in(self, tree):
        """Changes the files; returns them with their former text."""
        former = {}
        for edit in self.edits:
            found = [(path, match) for path in sorted(tree.glob(edit["file"]))
                     for match in pattern_of(edit["old"]).finditer(path.read_text("utf-8"))]
            if len(found) != 1:
                raise Broken("%s has its text %d times, not once" % (edit["file"], len(found)))
            path, match = found[0]
            former.setdefault(path, match.string)
            start, end = match.span()
            path.write_text(match.string[:start] + edit["new"].rstrip("\n") + match.string[end:],
                            encoding="utf-8")
        return former


# ---- the tree under test


def copy_tree(tree, copied=COPIED):
    """Makes the copy equal to the tree; what is equal keeps its time, so that little is built."""
    wanted = set()
    for name in copied:
        top = ROOT / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                wanted.add(path.relative_to(ROOT))
    for path in sorted(tree.rglob("*")) if tree.exists() else []:
        if path.is_file() and path.relative_to(tree) not in wanted:
            path.unlink()
    for name in wanted:
        target, content = tree / name, (ROOT / name).read_bytes()
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def run_quietly(words, what):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        text = done.stdout.decode("utf-8", "replace").strip().splitlines()
        errors = [line for line in text if "error:" in line] or text[-3:]
        raise Broken("%s: %s" % (what, " | ".join(errors[:3])))


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


def try_plant(path, tree, build, options, clean):
    """(passed, what happened) of one plant; the tree is as before afterwards."""
    former = {}
    try:
        plant = Plant(path)
        former = plant.put_in(tree)
        compile_muster(build, options.jobs)
        noticed = look_for(plant, build / "muster", options, build / "differs", clean)
    except Broken as error:
        return False, "broken  %s" % error
    finally:
        for file, text in former.items():
            file.write_text(text, encoding="utf-8")
    if noticed:
        return True, "caught  " + noticed
    return False, "MISSED  " + plant.about.strip()


def try_clean(tree, build, options):
    """What fails without any bug; ideally nothing."""
    configure(tree, build)
    compile_muster(build, options.jobs)
    return {"cases": failed_cases(build / "muster"),
            "seeds": failed_seeds(build / "muster", options, build / "differs")}


def run_all(folder, options):
    tree, build = folder / "tree", folder / "build"
    plants = sorted(HERE.glob("*.plant"))
    if options.only:
        plants = [p for p in plants if {p.name.split("-")[0], p.stem} & set(options.only)]
    copy_tree(tree)
    started, passed, failed = time.monotonic(), 0, 0
    try:
        clean = try_clean(tree, build, options)
    except Broken as error:
        print("broken  the tree as it is: %s\n0 passed, %d failed" % (error, len(plants) + 1))
        return 1
    if clean["cases"] or clean["seeds"]:
        failed += 1
        print("broken  the tree as it is: hand cases %s, seeds %s" % (
            sorted({case for case, _ in clean["cases"]}) or "none",
            sorted(clean["seeds"]) or "none"))
    print("%5.1f s  without a bug" % (time.monotonic() - started), flush=True)
    for path in plants:
        started = time.monotonic()
        good, happened = try_plant(path, tree, build, options, clean)
        passed, failed = passed + good, failed + (not good)
        print("%5.1f s  %-28s %s" % (time.monotonic() - started, path.stem, happened), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return 0 if passed and not failed else 1


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, help="kept, so that the next run is fast")
    parser.add_argument("--only", action="append", help="the number of a plant, or its name")
    parser.add_argument("--count", type=int, default=150, help="programs of the differential test")
    parser.add_argument("--seed", type=int, default=1, help="of the first of them")
    parser.add_argument("--features", choices=["core1", "all"], default="all")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if options.build_dir:
        return run_all(options.build_dir.resolve(), options)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="muster-planted-"))
    try:
        return run_all(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
