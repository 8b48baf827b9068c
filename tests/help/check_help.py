#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every --help is of one style, and manual pages and completion say the same.

    check_help.py --muster PATH [--man FOLDER]

A help fits a screen of 80 columns: an example, what the command does, `usage:`, options with what
they take, and `Ends with` the exit status. --man names the folder of the manual pages, if they were
made. Completion is asked as bash would ask it.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COLUMNS, LINES = 80, {"serve": 60}  # else 40; a service has more to set
OPTION = re.compile(r"^  (?:-(\w)(?:, | )|    )(?:--([a-z-]+))?", re.MULTILINE)
OPTION_LINE = re.compile(r" {2,6}-")
ASK = """source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _muster
printf '%s\\n' "${COMPREPLY[@]}"
"""


def output(*command, **more):
    """What a command prints that must succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def options_of(text):
    """Every long option of a help text, and letters that have none."""
    found = set()
    for letter, name in OPTION.findall(text):
        if name or letter:
            found.add(f"--{name}" if name else f"-{letter}")
    return found


def check_style(name, text):
    """Yields what is wrong with a help text."""
    lines = text.split("\n")
    if not lines[0].startswith(f"muster {name} ") or lines[1]:
        yield "it does not begin with an example and an empty line"
    if f"\nusage: muster {name} " not in text:
        yield "it has no line that begins with `usage:`"
    if not re.search(r"^Ends with 0: ", text, re.MULTILINE):
        yield "it does not say what its exit status means"
    if "\n  -h, --help " not in text:
        yield "it does not list -h, --help as the others do"
    if len(lines) > LINES.get(name, 40):
        yield f"it has {len(lines)} lines; a screen has {LINES.get(name, 40)}"
    for line in lines:
        if len(line) > COLUMNS:
            yield f"{len(line)} columns: {line}"
    listed = [re.match(r" {2,6}-\S.*?\S  +(?=\S)", line) for line in lines
              if OPTION_LINE.match(line)]
    if None in listed or len({len(item[0]) for item in listed}) != 1:
        yield "what its options do does not begin in one column"


def check_page(folder, name, text):
    """Yields the options that a manual page lacks."""
    path = folder / f"muster-{name}.1"
    if not path.exists():
        yield f"there is no {path.name}"
        return
    page = path.read_text(encoding="utf-8").replace("\\-", "-").replace("\\fB", "")
    for option in sorted(options_of(text)):
        if option not in page:
            yield f"{path.name} lacks {option}"
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLE"):
        if not re.search(rf'^\.SH "?{section}', page, re.MULTILINE):
            yield f"{path.name} has no section {section}"


class Completion:
    """Asks for candidates as bash does."""

    def __init__(self, muster, work):
        (pathlib.Path(work) / "muster").symlink_to(muster)
        self.env = {**os.environ, "PATH": f"{work}:{os.environ['PATH']}"}

    def ask(self, *words):
        """The candidates for the last word."""
        script = ROOT / "tools/muster/help/muster.bash"
        said = output("bash", "-c", ASK, "ask", script, *words, env=self.env, cwd=ROOT)
        return set(said.split())


def check_completion(completion, names, texts):
    """Yields where candidates are not what they should be."""
    expected = {("muster", ""): {*names, "--help", "--version"},
                ("muster", "eval", "windows.hotp"): {"windows.hotpatch"},
                ("muster", "eval", "windows.hotpatch", "--verdict", "r"): {"readiness"},
                ("muster", "doc", "--format", ""): {"html", "md"},
                ("muster", "fmt", "CHANGE"): {"CHANGELOG.md"},
                ("muster", "help", "ev"): {"eval"}}
    for name in names:
        long_options = {option for option in options_of(texts[name]) if option.startswith("--")}
        expected["muster", name, "--"] = long_options
    for words, candidates in expected.items():
        found = completion.ask(*words)
        if found != candidates:
            yield f"{' '.join(words)}: expected {sorted(candidates)}, found {sorted(found)}"


def main():
    """Ends with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description="Helps of one style", epilog=__doc__)
    parser.add_argument("--muster", type=pathlib.Path, default=ROOT / "build/muster")
    parser.add_argument("--man", default="")
    args = parser.parse_args()
    muster = args.muster.resolve()
    names = re.findall(r"^  ([a-z][a-z-]*)  ", output(muster, "--help"), re.MULTILINE)
    texts = {name: output(muster, name, "--help") for name in names}
    wrong = []
    for name, text in texts.items():
        wrong += [f"muster {name} --help: {what}" for what in check_style(name, text)]
        if args.man:
            wrong += check_page(pathlib.Path(args.man), name, text)
    with tempfile.TemporaryDirectory() as work:
        wrong += check_completion(Completion(muster, work), names, texts)
    print("\n".join([*wrong, f"{len(names)} helps, {len(wrong)} mistakes"]))
    return 1 if wrong or len(names) < 6 else 0


if __name__ == "__main__":
    sys.exit(main())
