# SPDX-License-Identifier: Apache-2.0
"""Plants: deliberate bugs, put into a copy of the tree one after the other. For run.py and hunt.py;
README.md has the format.

    tests/planted/plants.py     does the text that each of them replaces still stand there?
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TOKEN = re.compile(r"\w+|[^\w\s]")
WORD = re.compile(r"\w")


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


def is_source(path):
    """What belongs to the tree: neither what builds leave nor what version control keeps."""
    return not (path.name.startswith("build") and path.is_dir()) and path.name != ".git"


def copy_tree(tree):
    """Makes the copy equal to the tree; what is equal keeps its time, so that little is built."""
    wanted = set()
    for top in filter(is_source, ROOT.iterdir()):
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
        errors = [line for line in text if "error:" in line or "CMake Error" in line] or text[-3:]
        raise Broken("%s: %s" % (what, " | ".join(errors[:3])))


# ---- runs


def try_plant(path, tree, compile_tree, look_for):
    """(passed, what happened) of one plant; the tree is as before afterwards. look_for(plant) says
    how the bug is noticed, or None."""
    former = {}
    try:
        plant = Plant(path)
        former = plant.put_in(tree)
        compile_tree()
        noticed = look_for(plant)
    except Broken as error:
        return False, "broken  %s" % error
    finally:
        for file, text in former.items():
            file.write_text(text, encoding="utf-8")
    if noticed:
        return True, "found   " + noticed
    return False, "MISSED  " + plant.about.strip()


def try_all(paths, failed, try_one):
    """Prints what became of each plant, and the sum; the exit status. `failed` did so before."""
    passed = 0
    for path in paths:
        started = time.monotonic()
        good, happened = try_one(path)
        passed, failed = passed + good, failed + (not good)
        print("%5.1f s  %-28s %s" % (time.monotonic() - started, path.stem, happened), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return 0 if passed and not failed else 1


def choose_plants(folder, only):
    paths = sorted(folder.glob("*.plant"))
    return [p for p in paths if not only or {p.name.split("-")[0], p.stem} & set(only)]


def make_parser(description):
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, help="kept, so that the next run is fast")
    parser.add_argument("--only", action="append", help="the number of a plant, or its name")
    parser.add_argument("--jobs", type=int, default=1)
    return parser


def run_in_folder(options, run_all):
    """run_all(folder, options) in the folder of the options, or in one that is thrown away."""
    if options.build_dir:
        return run_all(options.build_dir.resolve(), options)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="muster-planted-"))
    try:
        return run_all(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    """Puts in all plants there are, and takes each out again."""
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory(prefix="muster-planted-") as folder:
        tree = pathlib.Path(folder)
        copy_tree(tree)
        for path in sorted(HERE.rglob("*.plant")):
            good, happened = try_plant(path, tree, lambda: None, lambda plant: plant.about)
            passed, failed = passed + good, failed + (not good)
            if not good:
                print("%s: %s" % (path.relative_to(HERE), happened))
    print("%d passed, %d failed" % (passed, failed))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
