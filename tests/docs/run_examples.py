#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of README.md, stdlib-rules/README.md and spec/*.md: no page shows what fails.

    tests/docs/run_examples.py [--muster build/muster] [PAGE.md ...]

Fenced blocks, by the first word after the fence:

  muster               the text must pass `muster check`. All blocks of a page are modules of one
                       search path, so they may import each other.
  muster error E0312   the text must be refused with that code.
  console              `$ command` lines, each followed by what it prints (standard output and
                       error). A line `...` stands for any number of lines. A command runs by bash
                       in a copy of the tree, with build/ on the PATH; in its top and in
                       stdlib-rules/ each page may write, and finds them as they are here. It must
                       end with 0; where output is shown 1 is good too: "found wanting".

A block with a file name as its second word (```csv updates.csv, ```muster patched.muster) is put
under that name into the copy of the tree, where the commands of the page find it. Where the program
under test was built with a sanitizer, `cc` of a console block adds it.

Blocks marked `no-run` (```console no-run) and all other fences are left alone.
"""

import argparse
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TIMEOUT_S = 120  # of a command: some build programs, with sanitizers too
FENCE = re.compile(r"^( *)(`{3,})(.*)$")
MODULE = re.compile(r"^\s*module\s+([A-Za-z0-9_.]+)", re.MULTILINE)
FILE_NAME = re.compile(r"[\w-]+\.\w+")
SANITIZERS = {b"__asan_init": "address", b"__tsan_init": "thread", b"__ubsan_handle": "undefined"}


def blocks(page):
    """Yields (words after the fence, line number of the first line, lines) of each block."""
    fence, indent, words, start, body = None, 0, [], 0, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        match = FENCE.match(line)
        if fence is None and match:
            indent, fence, words = len(match[1]), match[2], match[3].split()
            start, body = number + 1, []
        elif fence is not None and line.strip() == fence:
            yield words, start, body
            fence = None
        elif fence is not None:
            body.append(line[min(indent, len(line) - len(line.lstrip())):])


def run(command, folder, env):
    """Returns (exit status, output lines) of a command line or a list of words."""
    try:
        done = subprocess.run(command, shell=isinstance(command, str), executable="/bin/bash"
                              if isinstance(command, str) else None, cwd=folder, env=env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return -1, [f"no end within {TIMEOUT_S} s"]
    return done.returncode, done.stdout.decode("utf-8", "backslashreplace").splitlines()


def matches(expected, seen):
    """Whether lines agree; an expected line `...` stands for any number of lines."""
    if not expected:
        return not seen
    if expected[0].strip() == "...":
        return any(matches(expected[1:], seen[i:]) for i in range(len(seen) + 1))
    same = bool(seen) and expected[0].rstrip() == seen[0].rstrip()
    return same and matches(expected[1:], seen[1:])


def transcript(start, body):
    """Yields (line number, command, expected lines) of a console block."""
    command, number, expected = None, 0, []
    lines = iter(enumerate(body, start))
    for at, line in lines:
        if line.startswith("$ "):
            if command is not None:
                yield number, command, expected
            command, number, expected = line[2:], at, []
            while command.endswith("\\"):
                command = command[:-1] + next(lines)[1].removeprefix("> ")
        elif command is None and line.strip():
            yield at, None, [line]
        else:
            expected.append(line)
    if command is not None:
        yield number, command, expected


def trim(lines):
    """Without empty lines at the end."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def check_command(command, expected, folder, env):
    """Returns "" or what is wrong with one command of a transcript."""
    if command is None:
        return "the block shows output before the first `$ ` line"
    status, seen = run(command, folder, env)
    expected, seen = trim(expected), trim(seen)
    if status not in ((0, 1) if expected else (0,)):
        return "\n".join([f"$ {command}", f"ended with {status}", *seen])
    if expected and not matches(expected, seen):
        return "\n".join([f"$ {command}", *difflib.unified_diff(
            expected, seen, "the page", "the command", lineterm="")])
    return ""


def check_rules(words, path, folder, env):
    """Returns "" or what is wrong with one block of rules."""
    status, seen = run(["muster", "check", str(path)], folder, env)
    if words[1:2] == ["error"]:
        code = words[2] if len(words) > 2 else "error"
        if status != 1 or not any(code in line for line in seen):
            return "\n".join([f"expected to be refused with {code}; ended with {status}", *seen])
        return ""
    return "\n".join(seen or [f"ended with {status}"]) if status != 0 else ""


def write_files(page, tree):
    """Writes the blocks with a file name into the copy of the tree; returns {line number: path}."""
    paths = {}
    for words, start, body in blocks(page):
        if len(words) > 1 and FILE_NAME.fullmatch(words[1]):
            path = tree / words[1]
            path.write_text("\n".join(body) + "\n", encoding="utf-8")
            if words[0] == "muster":
                paths[start] = pathlib.Path(words[1])
    return paths


def write_rules(page, folder, done):
    """Writes the other rule blocks of a page as modules; returns {line number: path}."""
    paths = {}
    for words, start, body in blocks(page):
        if words[:1] == ["muster"] and "no-run" not in words and start not in done:
            text = "\n".join(body) + "\n"
            module = MODULE.search(text)
            name = module[1].replace(".", "/") if module else f"line_{start}"
            path = folder / f"{name}.muster"
            if path.exists() or words[1:2] == ["error"]:
                path = folder / f"line_{start}" / f"{name}.muster"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            paths[start] = path
    return paths


def copy_tree(target, muster):
    """A copy of the tree; its build/ is where the program is. Without the thousands of files that
    only other tests read."""
    shutil.copytree(ROOT, target, symlinks=True, ignore=lambda folder, names: {
        n for n in names if n in (".git", "__pycache__", "golden", "cases", "corpus") or
        (pathlib.Path(folder) == ROOT and n.startswith("build"))})
    (target / "build").symlink_to(muster.parent, target_is_directory=True)


def make_tree(target, copied):
    """What a page finds as the tree: links into the one copy of it, but for what may be written to,
    files and the folder of the rules."""
    target.mkdir()
    for path in copied.iterdir():
        if path.is_file():
            shutil.copy2(path, target)
        elif path.name == "stdlib-rules":
            shutil.copytree(path, target / path.name)
        else:
            (target / path.name).symlink_to(path, target_is_directory=True)


def times_of(tree):
    """{path: when it was written}, of what pages share."""
    return {path: path.lstat().st_mtime_ns for path in tree.rglob("*")}


def make_cc(folder, muster):
    """Puts a `cc` into folder that adds the sanitizers with which the program was built."""
    program = muster.read_bytes()
    flags = ",".join(name for mark, name in SANITIZERS.items() if mark in program)
    compiler = shutil.which("cc")
    folder.mkdir()
    if flags and compiler:
        script = folder / "cc"
        script.write_text(f'#!/bin/sh\nexec {compiler} -fsanitize={flags} "$@"\n')
        script.chmod(0o755)


def check_page(page, muster, copied):
    """Yields (place, "" or what is wrong) for each example of a page."""
    if not any(words[:1] in (["muster"], ["console"]) for words, _start, _body in blocks(page)):
        return
    with tempfile.TemporaryDirectory() as temporary:
        tree, rules = pathlib.Path(temporary, "tree"), pathlib.Path(temporary, "rules")
        make_tree(tree, copied)
        make_cc(pathlib.Path(temporary, "bin"), muster)
        env = {k: v for k, v in os.environ.items() if not k.startswith("MUSTER_")}
        path = [f"{temporary}/bin", f"{tree}/build", env.get("PATH", "/usr/bin:/bin")]
        env.update(PATH=":".join(path), LC_ALL="C", TZ="Pacific/Kiritimati", TERM="dumb")
        paths = write_files(page, tree)
        paths.update(write_rules(page, rules, paths))
        rules_env = {**env, "MUSTER_PATH": f"{rules}:{tree / 'stdlib-rules'}"}
        for words, start, body in blocks(page):
            if start in paths:
                wrong = check_rules(words, paths[start], tree, rules_env)
                yield f"{page.name}:{start}", wrong.replace(f"{rules}/", "")
            elif words[:1] == ["console"] and "no-run" not in words:
                for number, command, expected in transcript(start, body):
                    yield f"{page.name}:{number}", check_command(command, expected, tree, env)


def run_pages(pages, muster, copied):
    """How many examples passed and how many failed, which are shown."""
    passed = failed = 0
    for page in pages:
        for place, wrong in check_page(page, muster, copied):
            if wrong:
                failed += 1
                print(f"{place}: the example does not work\n    " + wrong.replace("\n", "\n    "))
            else:
                passed += 1
    return passed, failed


def main():
    """Runs all pages; ends with 1 if anything failed or nothing ran."""
    parser = argparse.ArgumentParser(description="Runs the examples of the documents")
    parser.add_argument("--muster", type=pathlib.Path, default=ROOT / "build" / "muster")
    parser.add_argument("pages", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    if not args.muster.is_file():
        sys.exit(f"error: there is no {args.muster}; build first")
    pages = args.pages or [p for p in [ROOT / "README.md", ROOT / "stdlib-rules" / "README.md",
                                       *sorted((ROOT / "spec").glob("*.md"))] if p.exists()]
    with tempfile.TemporaryDirectory() as temporary:
        copied = pathlib.Path(temporary, "tree")
        copy_tree(copied, args.muster.resolve())
        before = times_of(copied)
        passed, failed = run_pages(pages, args.muster.resolve(), copied)
        changed = sorted(map(str, before.items() ^ times_of(copied).items()))
    if changed:
        print(f"an example writes to a folder that all pages share: {changed[0]}")
    if passed + failed == 0:
        print("no examples found")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed and not changed else 1


if __name__ == "__main__":
    sys.exit(main())
