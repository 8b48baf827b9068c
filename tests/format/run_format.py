#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`muster fmt` changes nothing but the layout.

    run_format.py --muster PATH [--count N] [--seed S] [--every N]

For every rule file of the tree that can be read, and for N random programs of the oracle's
generator (their white space made anew, comments strewn between their words):

- formatting what was formatted changes nothing;
- the words are the same, but for commas before a closing bracket; so are the comments, in order;
- what compiles compiles to the same image, byte for byte, but for the digest of the source.
"""

import argparse
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/oracle"))

import generate  # noqa: E402  (of the folder above)
import lexer  # noqa: E402

DIGEST = slice(24, 56)
HOLE = re.compile(r"(?<!\{)\{(?!\{)[^{}]*\}")
COMMENT_CHANCE = 0.04
BLANKS = (" ", " ", " ", "  ", "\t", "\n", "\n", "\n\n", "\n\n\n    ", "\r\n")
COMMENTS = ("# a word", "#", '# of "texts" and {braces}', "#\ttab ", "# größer, 😀")


class Wanting(Exception):
    """What a file was found to lack."""


# ---- words and comments ----------------------------------------------------------------------


def words_of(text):
    """The words of a rule file and its comments, each in order."""
    words, comments, at = [], [], 0
    while at < len(text):
        if text[at] in " \t\r\n\ufeff":
            at += 1
        elif text[at] == "#":
            end = min(i for i in (text.find("\n", at), text.find("\r", at), len(text)) if i >= 0)
            comments.append(text[at:end].rstrip(" \t"))
            at = end
        else:
            end = word_end(text, at)
            words.append(spelling(text[at:end]))
            at = end
    return [word for word, then in zip(words, [*words[1:], ""])
            if not (word == "," and then in ("}", ")", "]"))], comments


def spelling(word):
    """A word without the white space that means nothing in it: of `7   days`, of holes in texts."""
    if word[0] != '"':
        return " ".join(word.split())
    return HOLE.sub(lambda hole: "".join(hole[0].split()), word)


def word_end(text, at):
    """Behind the word that begins at `at`: the reference lexer knows, except inside of texts."""
    token, end = lexer.next_token(text, at, "text")
    return end if token is not None else at + 1


# ---- random white space ----------------------------------------------------------------------


def scramble(text, dice):
    """The same words with other white space between them, and comments here and there."""
    parts, at = [], 0
    while at < len(text):
        if text[at] in " \t\r\n":
            end = at
            while end < len(text) and text[end] in " \t\r\n":
                end += 1
            parts.append(blank(text, at, end, dice))
            at = end
        elif text[at] == "#":
            end = text.find("\n", at)
            parts.append(text[at:end])
            at = end
        else:
            end = word_end(text, at)
            parts.append(text[at:end])
            at = end
    return "".join(parts)


def blank(text, at, end, dice):
    """White space instead of text[at:end]."""
    before = text[text.rfind("\n", 0, at) + 1:at]
    if "#" in before or (at > 0 and text[at - 1] == "\ufeff"):
        return text[at:end]
    if dice.random() < COMMENT_CHANCE:
        return dice.choice(BLANKS) + dice.choice(COMMENTS) + "\n" + dice.choice(("", "  ", "\n"))
    return dice.choice(BLANKS) + dice.choice(("", "", "   "))


# ---- checks ----------------------------------------------------------------------------------


class Checker:
    """Formats, compiles and compares."""

    def __init__(self, muster, work):
        self.muster, self.work = muster, pathlib.Path(work)
        self.formatted_count = self.image_count = 0

    def format(self, text):
        """The formatted text, or None where it cannot be read."""
        done = subprocess.run([self.muster, "fmt", "-"], input=text.encode(), capture_output=True,
                              check=False)
        if done.returncode not in (0, 1):
            raise Wanting(f"fmt ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode() if done.returncode == 0 else None

    def image(self, path, search):
        """The image of a file without its digest, or None where it does not compile."""
        out = self.work / "image.musterc"
        done = subprocess.run([self.muster, "build", path, "-I", search, "-o", out],
                              capture_output=True, check=False)
        if done.returncode != 0:
            return None
        content = bytearray(out.read_bytes())
        content[DIGEST] = bytes(32)
        return bytes(content)

    def check_text(self, text):
        """Formats one file and returns what came; None where it cannot be read."""
        once = self.format(text)
        if once is None:
            return None
        if self.format(once) != once:
            raise Wanting("formatting it again changes it")
        for before, after, what in zip(words_of(text), words_of(once), ("words", "comments")):
            if before != after:
                raise Wanting(f"its {what} have changed")
        self.formatted_count += 1
        return once

    def check_image(self, path, text, search):
        """Compiles a file before and after: with its folder, since it may name tables."""
        before = self.image(path, search)
        if before is None:
            return
        original = path.read_bytes()
        path.write_text(text, encoding="utf-8", newline="")
        after = self.image(path, search)
        path.write_bytes(original)
        if before != after:
            raise Wanting("its image has changed")
        self.image_count += 1


def tree_files():
    """Every rule file of the tree."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "*.muster"], capture_output=True,
                            check=False, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.split("\n") if name]
    return [path for path in ROOT.rglob("*.muster") if "build" not in path.parts[len(ROOT.parts)]]


def check_tree(checker, every):
    """Yields (file, what it lacks) of each N-th file."""
    copies = {}
    for path in tree_files()[::every]:
        if not path.exists():
            continue
        try:
            text = path.read_bytes().decode("utf-8")
            once = checker.check_text(text)
            if once is None:
                continue
            if path.parent not in copies:
                copies[path.parent] = checker.work / f"copy{len(copies)}"
                shutil.copytree(path.parent, copies[path.parent])
            search = ROOT / "stdlib-rules"
            checker.check_image(copies[path.parent] / path.name, once, search)
        except UnicodeDecodeError:
            continue
        except Wanting as wanting:
            yield path.relative_to(ROOT), wanting


def check_random(checker, count, seed):
    """Yields (program, what it lacks)."""
    for number in range(seed, seed + count):
        case = generate.generate(number, "all", 1)
        folder = checker.work / "random"
        shutil.rmtree(folder, ignore_errors=True)
        dice = random.Random(number)
        for name, text in case.files.items():
            if name.endswith(".muster"):
                case.files[name] = scramble(text, dice)
        case.write(str(folder))
        for name, text in case.files.items():
            if not name.endswith(".muster"):
                continue
            try:
                once = checker.check_text(text)
                if once is not None:
                    checker.check_image(folder / name, once, folder)
            except Wanting as wanting:
                yield f"program {number}, {name}", wanting


def main():
    """Ends with 1 if a file was found wanting, or if too little was looked at."""
    parser = argparse.ArgumentParser(description="Nothing but the layout", epilog=__doc__)
    parser.add_argument("--muster", type=pathlib.Path, default=ROOT / "build/muster")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="N-th file of the tree only")
    options = parser.parse_args()
    failed = 0
    is_enough = True
    with tempfile.TemporaryDirectory() as work:
        for name, check, least in (
                ("tree", lambda c: check_tree(c, options.every), 100 // options.every),
                ("random", lambda c: check_random(c, options.count, options.seed),
                 options.count // 2)):
            checker = Checker(options.muster.resolve(), work)
            for what, wanting in check(checker):
                failed += 1
                print(f"{what}: {wanting}")
            print(f"{name}: {checker.formatted_count} files formatted, "
                  f"{checker.image_count} images compared")
            is_enough = is_enough and checker.image_count >= least
    if not is_enough:
        print("too few could be compiled for this to say anything")
    print(f"{failed} failed")
    return 1 if failed or not is_enough else 0


if __name__ == "__main__":
    sys.exit(main())
