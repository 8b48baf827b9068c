#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The newest of the images that are kept: makes it from its source, or says whether the compiler
still would.

    tests/golden/image/remake.py --muster build/muster [--write]

Without --write it tells whether the compiler makes the same bytes of the source today, which is
news and no fault. It ends with 1 if the source does not compile, or where there is an instruction
that the compiler writes, a function or a section that none of the kept images uses.
"""

import argparse
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FORMAT = HERE.parents[2] / "runtime" / "format"
NAME = "format_1_1"
OLDER = ["format_1"]
FINAL = {"format_1"}  # declared so: never made anew
NEVER_WRITTEN = {"jump"}  # the compiler has no use for it; the verifier and the vm know it
OPTIONAL = {"section 64", "section 65"}  # DEBUG, SELFTEST
INSTRUCTION = re.compile(r"^    \d+ ")


def build(muster, out, *options):
    subprocess.run([muster, "build", HERE / (NAME + ".muster"), "-o", out, *options],
                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def make(muster):
    """The bytes of the image: with all that may be left out."""
    with tempfile.TemporaryDirectory() as folder:
        before, image = pathlib.Path(folder) / "before", pathlib.Path(folder) / NAME
        build(muster, before, "--param", NAME + ".limit=4")
        build(muster, image, "--with-tests", "--with-source", "--predecessor", before)
        return image.read_bytes()


def disassemble(muster, image):
    with tempfile.NamedTemporaryFile() as file:
        file.write(image)
        file.flush()
        done = subprocess.run([muster, "inspect", "--disassemble", file.name], check=True,
                              stdout=subprocess.PIPE)
        return done.stdout.decode("utf-8")


def names(file, pattern):
    return set(re.findall(pattern, (FORMAT / file).read_text(encoding="utf-8")))


def find_unused(muster, image):
    """What there is in the format and not in the image."""
    code = disassemble(muster, image)
    words = [line.split() for line in code.splitlines() if INSTRUCTION.match(line)]
    used = {line[1] for line in words}
    functions = {line[2].rstrip(",") for line in words if line[1].startswith("builtin")}
    unused = names("opcodes.def", r'MST_OPCODE\(\d+, \w+, "([^"]+)"') - used - NEVER_WRITTEN
    unused |= names("builtins.def", r'MST_BUILTIN_FN\(\d+, "[^"]+", (\w+)') - functions
    count = struct.unpack_from("<I", image, 16)[0]
    entries = [struct.unpack_from("<4I", image, 64 + 16 * i) for i in range(count)]
    unused |= {"section %d" % entry[0] for entry in entries if entry[2] == 0}
    return unused | (OPTIONAL - {"section %d" % entry[0] for entry in entries})


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muster", default=HERE.parents[2] / "build" / "muster")
    parser.add_argument("--write", action="store_true", help="replace the image that is kept")
    options = parser.parse_args()
    try:
        image = make(options.muster)
    except subprocess.CalledProcessError as error:
        sys.exit("%s does not compile: %s" % (NAME, error))
    unused = find_unused(options.muster, image)
    for older in OLDER:
        unused &= find_unused(options.muster, (HERE / (older + ".musterc")).read_bytes())
    if unused:
        sys.exit("%s.muster does not use: %s" % (NAME, ", ".join(sorted(unused))))
    kept = HERE / (NAME + ".musterc")
    if options.write and NAME in FINAL:
        sys.exit("%s is final: what is new in the format gets a source and an image of its own" %
                 NAME)
    if options.write:
        kept.write_bytes(image)
    same = kept.is_file() and kept.read_bytes() == image
    print("%s.musterc: the compiler makes %s bytes of its source" % (
        NAME, "the same" if same else "other"))


if __name__ == "__main__":
    main()
