#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The ABI of the shared libraries, compared with what is written down beside this file.

    tests/abi/check_abi.py [--build build] [--descriptions] [--update]

NAME.symbols is the sorted list of what libNAME exports; it is also what the public headers declare
as MST_API. With --descriptions, NAME.abi is compared too: every public type and function as abidw
of the package abigail-tools describes it, for x86-64. README.md says how either changes.
"""

import argparse
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
HEADERS = {"muster": "runtime/include", "muster-lang": "lang/include"}
DECLARATION = re.compile(r"^MST_API [^;(]*?(\w+)\(", re.MULTILINE)
ABIDW = ["abidw", "--exported-interfaces-only", "--drop-private-types", "--no-corpus-path",
         "--no-comp-dir-path", "--no-show-locs", "--no-parameter-names", "--no-elf-needed",
         "--type-id-style", "hash",
         *(word for folder in HEADERS.values() for word in ("--headers-dir", ROOT / folder))]
HOW = "if that is meant, run tests/abi/check_abi.py --update"


def exported(nm, library):
    """The names that a shared library defines for others, sorted."""
    out = subprocess.run([nm, "--dynamic", "--defined-only", "--format=just-symbols", library],
                         check=True, capture_output=True, text=True).stdout
    return sorted(out.split())


def declared(folder):
    """The functions of the public headers, sorted."""
    text = "".join(path.read_text(encoding="utf-8")
                   for path in sorted((ROOT / folder).rglob("*.h")))
    return sorted(DECLARATION.findall(text))


def compare(names, others, what):
    """Yields a line for each name that only one of both lists has."""
    for name in sorted(set(names) - set(others)):
        yield f"{name} is exported, but not {what}"
    for name in sorted(set(others) - set(names)):
        yield f"{name} is {what}, but not exported"


def check_symbols(nm, library, name):
    """Yields what is wrong with the exported symbols."""
    symbols = exported(nm, library)
    listed = (HERE / f"{name}.symbols").read_text(encoding="utf-8").split()
    yield from compare(symbols, declared(HEADERS[name]), "declared as MST_API in a public header")
    differences = list(compare(symbols, listed, f"listed in tests/abi/{name}.symbols"))
    if not differences and listed != symbols:
        differences = [f"tests/abi/{name}.symbols is not sorted"]
    if differences:
        yield from [*differences, HOW]


def describe(library, path):
    """Writes the description of a library."""
    subprocess.run([*ABIDW, "--out-file", path, library], check=True)


def check_description(library, name):
    """Yields what abidiff says about a library that is not as described."""
    with tempfile.TemporaryDirectory() as temporary:
        now = pathlib.Path(temporary, f"{name}.abi")
        describe(library, now)
        done = subprocess.run(["abidiff", HERE / f"{name}.abi", now], check=False,
                              capture_output=True, text=True)
    if done.returncode != 0:
        yield f"lib{name} is not as tests/abi/{name}.abi describes it; {HOW}"
        yield done.stdout + done.stderr


def update(nm, library, name):
    """Writes down what a library is now."""
    text = "".join(f"{symbol}\n" for symbol in exported(nm, library))
    (HERE / f"{name}.symbols").write_text(text, encoding="utf-8")
    describe(library, HERE / f"{name}.abi")


def main():
    """Each list and each description is one test."""
    parser = argparse.ArgumentParser(description="The ABI of the shared libraries")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--descriptions", action="store_true")
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    if (args.descriptions or args.update) and platform.machine() != "x86_64":
        sys.exit(f"error: the descriptions are those of x86_64, this is {platform.machine()}")
    checks = []
    for name in HEADERS:
        library = args.build / "lib" / f"lib{name}.so"
        if args.update:
            update(args.nm, library, name)
        checks.append(list(check_symbols(args.nm, library, name)))
        if args.descriptions:
            checks.append(list(check_description(library, name)))
    for findings in checks:
        print(*findings, sep="\n", end="\n" if findings else "")
    failed = sum(bool(findings) for findings in checks)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
