#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the built libraries define and need, as objdump sees it; or nm, where they are no ELF files.

    tests/style/symbols.py [--objdump=objdump | --nm=NM] [--pure=libmuster.a] [LIBRARY.a ...]

Every library: external symbols begin with mst_. A pure one (libmuster): it needs nothing but the
memory functions and the compiler's own runtime, so it allocates nothing, opens nothing and asks no
clock; and it has no writable data, so it keeps no state. (Constant tables of pointers, which are
relocated once, are not counted. WebAssembly calls all data writable: there it is not looked at.)
"""

import argparse
import re
import subprocess
import sys

OUR_NAME = re.compile(r"^(mst_|__x86\.get_pc_thunk\.)")  # and what compilers add for i686
# One line of objdump: address, seven flags, section, size, visibility, name.
SYMBOL = re.compile(r"^[0-9a-f]+ (.{7}) (\S+)\t[0-9a-f]+ +(?:\.hidden )?(\S+)$")
MEMORY = {"memcpy", "memmove", "memset", "memcmp"}
# Stack protector, division routines, bit counting: the compiler's runtime, under any of its names.
COMPILER = re.compile(
    r"^(__stack_chk_\w+|__stack_pointer|__aeabi_\w+|_GLOBAL_OFFSET_TABLE_|abort"
    r"|__\w*(div|mod|mul|add|sub|sh[lr]|clz|ctz|popcount|bswap)\w*[sdt]i\d+)$")


def symbols(objdump, library):
    """Returns the names that are defined for others, undefined, and in writable sections."""
    out = subprocess.run([objdump, "--syms", library], check=True, capture_output=True, text=True)
    defined, undefined, writable = set(), set(), set()
    for line in out.stdout.splitlines():
        match = SYMBOL.match(line)
        if not match:
            continue
        flags, section, name = match.groups()
        if section == "*UND*":
            undefined.add(name)
        elif "l" not in flags:
            defined.add(name)
        if re.match(r"\.(bss|data(?!\.rel\.ro)|tbss|tdata)", section) and name != section:
            writable.add(name)
    return defined, undefined - defined, writable


def symbols_by_nm(nm, library):
    """The same, from `nm -P`: name, letter of the kind, large where it is for others."""
    out = subprocess.run([nm, "-P", library], check=True, capture_output=True, text=True)
    defined, undefined, writable = set(), set(), set()
    for line in out.stdout.splitlines():
        name, kind = (*line.split(), "?", "?")[:2]
        if name.startswith(".") or len(kind) != 1:
            continue  # a section or a constant of the compiler's; the head of a member
        if kind == "U":
            undefined.add(name)
        elif kind in "TDBRC":
            defined.add(name)
        if kind in "DdBbC":
            writable.add(name)
    is_wasm = "__stack_pointer" in undefined
    return defined, undefined - defined, set() if is_wasm else writable


def check_names(library, defined):
    """Yields what is wrong with the names that a library exports."""
    for name in sorted(defined):
        if not OUR_NAME.match(name):
            yield f"{library}: {name} is external: make it static, or name it mst_<module>_<verb>"


def check_pure(library, undefined, writable):
    """Yields what a library without dependencies may not have."""
    for name in sorted(undefined):
        if name not in MEMORY and not COMPILER.match(name):
            yield f"{library}: needs {name}, which is no memory function: the host has to bring it"
    for name in sorted(writable):
        yield f"{library}: {name} is writable data: make it const, or part of the caller's block"


def main():
    """Each library and each kind of check is one test."""
    parser = argparse.ArgumentParser(description="Symbols of the built libraries")
    parser.add_argument("--objdump", default="objdump")
    parser.add_argument("--nm")
    parser.add_argument("--pure", action="append", default=[])
    parser.add_argument("libraries", nargs="*")
    args = parser.parse_args()
    passed = failed = 0
    for library in [*args.pure, *filter(None, args.libraries)]:
        read, tool = (symbols_by_nm, args.nm) if args.nm else (symbols, args.objdump)
        defined, undefined, writable = read(tool, library)
        checks = [list(check_names(library, defined))]
        if library in args.pure:
            checks.append(list(check_pure(library, undefined, writable)))
        for findings in checks:
            failed += bool(findings)
            passed += not findings
            for text in findings:
                print(text)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
