#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden tests: a command line and all that it says.

    tests/golden/run_golden.py [--muster build/muster] [--update] [AREA or CASE.cmd ...]

A case is NAME.cmd in a folder below tests/golden/<area>/, with NAME.out (standard output), NAME.err
(standard error) and NAME.code (exit status) beside it; a missing file means empty, empty and 0.
NAME.in, if there, is standard input. The command line runs in its folder by `sh`, `muster` being
the program under test and $T an empty folder that is removed afterwards; lines that begin with #
are comments. Several lines run one after the other, and the status of the last one counts.

Every difference is shown as a unified diff. --update writes what was seen as what is expected: read
the diff before committing it.
"""

import argparse
import concurrent.futures
import difflib
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

GOLDEN = pathlib.Path(__file__).resolve().parent
ROOT = GOLDEN.parent.parent
TIMEOUT_S = 30


def install_program(folder, muster, wrapper):
    """Makes `muster` a command in folder, run by an emulator where there is one."""
    program = folder / "muster"
    if not wrapper:
        program.symlink_to(muster)
        return
    program.write_text("#!/bin/sh\nexec " + shlex.join([*wrapper, str(muster)]) + ' "$@"\n')
    program.chmod(0o755)


def environment(bin_folder, scratch):
    """No locale, an odd time zone, no search path: none of them may change an answer."""
    env = {k: v for k, v in os.environ.items()
           if k.endswith("SAN_OPTIONS") or k in ("HOME", "GNUTLS_NO_IMPLICIT_INIT")}
    env.update(PATH=f"{bin_folder}:{os.environ.get('PATH', '/usr/bin:/bin')}", LC_ALL="C",
               TZ="Pacific/Kiritimati", T=str(scratch), TERM="dumb")
    return env


def run_case(case, bin_folder):
    """Returns (out, err, status) of one case, as bytes and int."""
    stdin = case.with_suffix(".in")
    with tempfile.TemporaryDirectory() as scratch:
        with open(stdin if stdin.exists() else os.devnull, "rb") as source:
            try:
                done = subprocess.run(["sh", "-c", case.read_text(encoding="utf-8")], stdin=source,
                                      capture_output=True, cwd=case.parent, timeout=TIMEOUT_S,
                                      env=environment(bin_folder, scratch), check=False)
            except subprocess.TimeoutExpired:
                return b"", f"no end within {TIMEOUT_S} s\n".encode(), -1
        hide = scratch.encode()
    return done.stdout.replace(hide, b"$T"), done.stderr.replace(hide, b"$T"), done.returncode


def expectation(case):
    """Returns (out, err, status) as the files beside the case say."""
    def content(suffix):
        path = case.with_suffix(suffix)
        return path.read_bytes() if path.exists() else b""
    return content(".out"), content(".err"), int(content(".code") or b"0")


def diff(expected, seen, name):
    """A unified diff of two byte strings, "" if they are equal."""
    if expected == seen:
        return ""
    lines = [data.decode("utf-8", "backslashreplace").splitlines() for data in (expected, seen)]
    text = "\n".join(difflib.unified_diff(*lines, f"{name} (expected)", f"{name} (seen)",
                                          lineterm=""))
    return text or f"{name}: differs in the ends of its lines only"


def update(case, seen):
    """Writes what was seen, no file for nothing. Returns whether that changed anything."""
    changed = False
    values = (seen[0], seen[1], b"" if seen[2] == 0 else f"{seen[2]}\n".encode())
    for suffix, value in zip((".out", ".err", ".code"), values):
        path = case.with_suffix(suffix)
        before = path.read_bytes() if path.exists() else b""
        if before == value:
            continue
        changed = True
        if value:
            path.write_bytes(value)
        else:
            path.unlink()
    return changed


def check(case, bin_folder, updating):
    """Runs one case; returns (passed, text to show)."""
    seen = run_case(case, bin_folder)
    name = str(case.relative_to(GOLDEN).with_suffix(""))
    if updating:
        if seen[2] < 0:
            return False, (f"{name}: ended by a signal or too late; not taken over\n"
                           + seen[1].decode("utf-8", "backslashreplace"))
        return True, f"{name}: updated" if update(case, seen) else ""
    expected = expectation(case)
    parts = [diff(expected[0], seen[0], name + ".out"), diff(expected[1], seen[1], name + ".err")]
    if expected[2] != seen[2]:
        parts.append(f"{name}.code: expected {expected[2]}, seen {seen[2]}")
    shown = [part for part in parts if part]
    return not shown, "\n".join(shown)


def orphans(cases, folders):
    """Expectations without a command: a misspelt name would otherwise never be looked at."""
    known = {case.with_suffix("") for case in cases}
    for folder in folders:
        for suffix in (".out", ".err", ".code"):
            for path in sorted(folder.rglob("*" + suffix)):
                if path.with_suffix("") not in known:
                    yield path.relative_to(GOLDEN)


def select(names):
    """Cases and the folders that were searched, for areas and single cases."""
    cases, folders = [], []
    for name in names or ["."]:
        path = GOLDEN / name if (GOLDEN / name).exists() else pathlib.Path(name).resolve()
        if path.is_dir():
            folders.append(path)
            cases += sorted(path.rglob("*.cmd"))
        elif path.is_file():
            cases.append(path)
        else:
            sys.exit(f"error: there is no area or case {name}")
    return cases, folders


def main():
    """Runs what was asked for; ends with 1 if anything failed or nothing ran."""
    parser = argparse.ArgumentParser(description="Golden tests", epilog="See the file's head.")
    parser.add_argument("--muster", type=pathlib.Path, default=ROOT / "build" / "muster")
    parser.add_argument("--wrapper", default="", help="emulator, its words separated by ; or space")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*", metavar="AREA|CASE.cmd")
    args = parser.parse_args()
    if not args.muster.is_file():
        sys.exit(f"error: there is no {args.muster}; build first")
    cases, folders = select(args.names)
    failed = 0
    with tempfile.TemporaryDirectory() as bin_folder:
        install_program(pathlib.Path(bin_folder), args.muster.resolve(),
                        args.wrapper.replace(";", " ").split())
        with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
            for passed, text in pool.map(lambda c: check(c, bin_folder, args.update), cases):
                failed += not passed
                if text:
                    print(text)
    passed = len(cases) - failed
    for path in orphans(cases, folders):
        print(f"{path}: no .cmd file goes with it")
        failed += 1
    if not cases:
        print("no cases found")
    print(f"{passed} passed, {failed} failed")
    return 0 if cases and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
