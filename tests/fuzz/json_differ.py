#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does the scanner read JSON as other readers do?

    json_differ.py --program build/tests/json_differ --jansson 1000000 --python 100000

Documents by chance, half of them damaged, by their numbers from --first on. json_differ.c itself
asks jansson; here Python's json module is asked, which also tells repeated keys apart and has
exact numbers. Prints what was compared; ends with 1 after the first that differs.
"""

import argparse
import json
import re
import subprocess
import sys

DEEPEST = 64
NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?")
INT64 = range(-2**63, 2**63)
TOO_DEEP = object()


class Number:
    """As it was written."""

    def __init__(self, text):
        self.text = text

    def integer(self):
        """Its exact value if that is an integer of 64 bits, else None."""
        sign, whole, fraction, exponent = NUMBER.fullmatch(self.text).groups(default="")
        digits = (whole + fraction).lstrip("0")
        zeros = len(digits) - len(digits.rstrip("0"))
        places = int(exponent or 0) - len(fraction) + zeros
        if not digits:
            return 0
        if places < 0 or len(digits) - zeros + places > 19:
            return None
        value = int(sign + digits[:len(digits) - zeros]) * 10**places
        return value if value in INT64 else None

    def show(self):
        """As json_differ.c writes it: an integer of 64 bits whatever its form, or the text."""
        value = self.integer()
        if value is None:
            return tagged(b"n", self.text.encode())
        return tagged(b"i", str(value).encode())


class Members(list):
    """Of an object, repeated keys and all."""


def tagged(mark, data):
    return mark + str(len(data)).encode() + b":" + data


def show(value, depth=0):
    """The values as json_differ.c writes them. Raises ValueError where a text is no text: half of a
    surrogate pair."""
    if depth >= DEEPEST and isinstance(value, list):
        raise RecursionError
    if isinstance(value, str):
        return tagged(b"s", value.encode())
    if isinstance(value, Number):
        return value.show()
    if isinstance(value, Members):
        return b"{" + b"".join(show(k) + show(v, depth + 1) for k, v in value) + b"}"
    if isinstance(value, list):
        return b"[" + b"".join(show(v, depth + 1) for v in value) + b"]"
    return {True: b"t", False: b"f", None: b"n"}[value]


def refuse(word):
    raise ValueError(word)


DECODER = json.JSONDecoder(object_pairs_hook=Members, parse_int=Number, parse_float=Number,
                           parse_constant=refuse)


def ask_python(text):
    """The values, None where it is no JSON, TOO_DEEP where only its depth is wrong."""
    try:
        return show(DECODER.decode(text.decode("utf-8")))
    except RecursionError:
        return TOO_DEEP
    except ValueError:
        return None


def read_part(stream):
    """The bytes behind a length; the mark, where there is one instead."""
    head = stream.readline().strip()
    return stream.read(int(head)) if head.isdigit() else head.decode()


def compare_python(program, first, count):
    accepted = 0
    with subprocess.Popen([program, "--print", str(first), str(count)],
                          stdout=subprocess.PIPE) as process:
        for number in range(first, first + count):
            text, found = read_part(process.stdout), read_part(process.stdout)
            expected = ask_python(text)
            same = found == "+" if expected is TOO_DEEP else found == (expected or "-")
            # what is too deep may be broken further on, where only Python looks
            if not same and not (found == "+" and expected is None):
                print(f"document {number}: {text!r}\nhere:   {found!r}\nPython: {expected!r}")
                process.kill()
                return 1
            accepted += isinstance(found, bytes)
    if process.returncode != 0:
        return 1
    print(f"{count} documents like Python, {accepted} of them JSON")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--jansson", type=int, default=100000)
    parser.add_argument("--python", type=int, default=10000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    jansson = subprocess.run([options.program, str(options.first), str(options.jansson)],
                             check=False)
    if jansson.returncode != 0:
        return 1
    return compare_python(options.program, options.first, options.python)


if __name__ == "__main__":
    sys.exit(main())
