#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the pages of spec/ that are lists, from the lists that the program itself is made of.

    tools/docs/make_pages.py            writes spec/opcodes.md and its sisters
    tools/docs/make_pages.py --check    writes nothing; ends with 1 if a page is out of date

It also compares spec/image.md, which people write, with the records of runtime/format/layout.h: a
field that one of them does not have, or has elsewhere, is an error either way.
"""

import argparse
import difflib
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FORMAT = "runtime/format/"
NOTICE = ("<!-- SPDX-License-Identifier: Apache-2.0 -->",
          "<!-- Made by tools/docs/make_pages.py from {source}: change that, then run it. -->")


class Trouble(Exception):
    """A list or page that is not as it must be."""


# ---- reading C ---------------------------------------------------------------------------------


def read(path):
    """The text of a file of the tree."""
    return (ROOT / path).read_text(encoding="utf-8")


def comment_text(comment):
    """The words of a C comment, on one line."""
    lines = comment.removeprefix("/*").removesuffix("*/").split("\n")
    return " ".join(" ".join(line.strip().removeprefix("*") for line in lines).split())


def unquote(word):
    """An argument of a macro: the texts of string literals joined, anything else as it stands."""
    if not word.startswith('"'):
        return " ".join(word.split())
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', word)
    return "".join(parts).replace('\\"', '"').replace("\\\\", "\\")


def entries(path, macro):
    """Yields (heading, arguments) of each line of a list; the heading is the comment above."""
    pattern = re.compile(
        r"/\*.*?\*/|" + macro + r'\(((?:"(?:[^"\\]|\\.)*"|[^"()])*)\)', re.DOTALL)
    heading, numbers, count = "", set(), None
    for match in pattern.finditer(read(path)):
        if match[1] is None:
            heading = "" if "SPDX" in match[0] else comment_text(match[0])
            continue
        words = re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^",])+', match[1])
        arguments = [unquote(word.strip()) for word in words]
        if count not in (None, len(arguments)):
            raise Trouble(f"{path}: {match[0]}: {len(arguments)} arguments, not {count}")
        count = len(arguments)
        numbers.add(number_of(path, arguments, numbers))
        yield heading, arguments
    if not numbers:
        raise Trouble(f"{path}: no {macro}")


def number_of(path, arguments, seen):
    """The number of an entry, which must be new."""
    number = next(int(a) for a in arguments if re.fullmatch(r"-?\d+", a))
    if number in seen:
        raise Trouble(f"{path}: the number {number} stands there twice")
    return number


# ---- writing Markdown --------------------------------------------------------------------------


def cell(text):
    """A text as a cell of a table."""
    return text.replace("|", "\\|")


def table(columns, rows):
    """The lines of a table."""
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "|" + "|".join(f" {cell(word)} " if word else " " for word in row) + "|"


def section(comment):
    """A heading; what follows a colon in the comment becomes a paragraph, but for numbers."""
    title, colon, rest = comment.partition(": ")
    if not colon or title[:1].isdigit():
        title, rest = comment, ""
    yield from ("", "## " + title[:1].upper() + title[1:])
    if rest:
        yield from prose(f"Here {rest}.")


def headed_tables(source, macro, columns, row):
    """A table under each heading of a list; row makes the cells of an entry."""
    groups = {}
    for heading, arguments in entries(source, macro):
        groups.setdefault(heading, []).append(row(arguments))
    for heading, rows in groups.items():
        if heading:
            yield from section(heading)
        yield ""
        yield from table(columns, rows)


def prose(text):
    """An empty line, and a paragraph in lines of 120."""
    yield ""
    yield from textwrap.wrap(" ".join(text.split()), 120, break_long_words=False,
                             break_on_hyphens=False)


def page(title, source, *paragraphs):
    """The head of a page."""
    yield from (line.format(source=source) for line in NOTICE)
    yield from ("", "# " + title)
    for paragraph in paragraphs:
        yield from prose(paragraph)


# ---- the pages ---------------------------------------------------------------------------------


def steps(text):
    """A cost of the lists, where MST_COST_TEXT is called T."""
    if text == "MST_COST_TEXT * MST_COST_TEXT":
        return "T²"
    if text == "20 + x * 2 * MST_COST_TEXT":
        return "20 + 2 T x"
    factor = re.fullmatch(r"MST_COST_TEXT \* (\d+)", text)
    return f"{factor[1]} T" if factor else text.replace("MST_COST_TEXT", "T")


def operand(kind):
    """A kind of operand as the pages show it."""
    return "" if kind == "NONE" else f"`{kind}`"


def operand_kinds():
    """Yields (name, what operand.h says of it) for each kind of operand."""
    body = re.search(r"enum mst_operand \{(.*?)\n\};", read(FORMAT + "operand.h"), re.DOTALL)[1]
    for line in body.split("\n"):
        code, _, comment = line.partition("/*")
        for name in re.findall(r"MST_(\w+)", code):
            said = comment_text(comment)
            kind = re.fullmatch(r"([DS])_(\w+)", name)
            if kind and not said:
                said = kind[2].lower().replace("enum", "any enum")
            prefix = {"D": "written: ", "S": "read: "}[kind[1]] if kind else ""
            yield name, prefix + SAID_SHORTLY.get(name, said)


# What operand.h says by the name of a C type only.
SAID_SHORTLY = {"FLIP": "when the comparison changes: 0 at that instant, 1 a second after, 2 both"}

OPCODES_INTRO = (
    """An instruction is 64 bits, little-endian: `op` (8 bits), `x` (8), `a` (16), `b` (16), `c`
    (16). The columns `x a b c` say what each field holds; an empty one must be 0. What a slot,
    a register and a block are is said in [image.md](image.md). *Strict* means: the result is
    unknown, with the united causes, where an operand is unknown.""",
    """`steps` is the cost of one execution. T is 1 + the longest text of the image / 8. A call,
    a built-in and a loop cost more; the formula is in [image.md](image.md#8-proven-bounds).""")


def opcodes():
    """spec/opcodes.md"""
    source = FORMAT + "opcodes.def"
    yield from page("Instructions", source, *OPCODES_INTRO)
    yield from headed_tables(
        source, "MST_OPCODE", ["number", "name", "x", "a", "b", "c", "steps", "what it does"],
        lambda e: [e[0], f"`{e[2]}`", *map(operand, e[3:7]), steps(e[7]), e[8]])
    yield from ("", "## Kinds of operands")
    yield from prose("""`D_*` is a register of the block that is written (in a value block also its
        own result); `S_*` is a slot that is read.""")
    yield ""
    yield from table(["kind", "what the field holds"],
                     ([f"`{name}`", said] for name, said in operand_kinds() if name != "NONE"))


BUILTINS_INTRO = (
    """The functions of the language. Functions of one name are told apart by the types of their
    arguments. All are strict: where an argument is unknown the result is. What each one does
    exactly is said in [language.md](language.md#10-built-ins).""",
    """*moves*: the first argument may be `now`, or a time or duration derived from it; the
    result then has a next change, which counts for `valid_until`. `steps` is the cost of a call
    beyond that of its instruction; T is 1 + the longest text of the image / 8.""")


def signature(name, result, arguments):
    """`date(time, zone): date`"""
    written = ", ".join(a.lower() for a in arguments if a != "NONE")
    return f"`{name}({written}): {result.lower()}`"


def builtins():
    """spec/builtins.md"""
    source = FORMAT + "builtins.def"
    yield from page("Built-in functions", source, *BUILTINS_INTRO)
    yield from headed_tables(
        source, "MST_BUILTIN_FN", ["number", "function", "moves", "steps", "result"],
        lambda e: [e[0], signature(e[1], e[3], e[4:7]), "yes" if e[7] == "1" else "",
                   steps(e[8]), e[9]])
    yield from prose("`text` of an enum or verdict, `version` of four ints, `part` with a literal "
                     "and enums of weekdays are made of instructions and of these "
                     "functions ([opcodes.md](opcodes.md)).")


FAULTS_INTRO = (
    """Why `mst_image_open()` refuses an image. A fault has a number, the offset in the image at
    which it was found, and a text in read-only memory. The first fault found is reported; the
    order of checks is that of [image.md](image.md#9-verification). From 120 on the image is in
    order but costs more than the host allows, and the status is `MST_ERR_LIMIT` instead of
    `MST_ERR_IMAGE`.""",)


def faults():
    """spec/faults.md"""
    source = FORMAT + "fault.def"
    yield from page("Faults of images", source, *FAULTS_INTRO)
    yield from headed_tables(source, "MST_FAULT", ["number", "name", "text"],
                             lambda e: [e[0], f"`{e[1]}`", e[2]])


DIAGNOSTICS_INTRO = (
    """What the compiler says about rules. The code of a diagnostic is stable: `E` for an error,
    `W` for a warning, and four digits. The message beside it speaks of the rule at hand and may
    change; most diagnostics also have a `help:` line that says what to write. `muster check
    --format json` prints each as one JSON object on a line, with the keys `path`, `line`,
    `column`, `end_line`, `end_column`, `severity`, `code`, `message`, `help` and `other`.""",)


def diagnostics():
    """spec/diagnostics.md"""
    source = "lang/diag.def"
    yield from page("Diagnostics", source, *DIAGNOSTICS_INTRO)
    yield from headed_tables(
        source, "MST_DIAG", ["code", "name", "what it is about"],
        lambda e: [f"{'W' if e[1] == 'WARNING' else 'E'}{int(e[0]):04}", f"`{e[2]}`", e[3]])


STATUSES_INTRO = (
    """What functions of `libmuster` and `libmuster-lang` return: `MST_OK` is 0, everything else
    is negative. `mst_status_text()` gives the text. The numbers are part of the ABI: never
    reused, never reordered.""",)


def statuses():
    """spec/statuses.md"""
    source = "runtime/include/muster/status.def"
    yield from page("Statuses", source, *STATUSES_INTRO)
    yield from headed_tables(source, "MST_STATUS", ["value", "name", "text"],
                             lambda e: [e[1], f"`MST_{e[0]}`", e[2]])


PAGES = {"opcodes.md": opcodes, "builtins.md": builtins, "faults.md": faults,
         "diagnostics.md": diagnostics, "statuses.md": statuses}


# ---- spec/image.md against layout.h --------------------------------------------------------------


def layout_sections(text):
    """{(number, name): bytes of a record} from MST_SECTIONS."""
    rows = re.findall(r"MST_SECTION\((\d+), (\w+), (\d+),", text)
    return {(int(number), name): int(size) for number, name, size in rows}


def layout_fields(text):
    """{constant: offset} of all fields of records, the header and the section table."""
    fields = re.findall(r"\bMST_([A-Z]+_[A-Z_]+) = (\d+),", text)
    skip = ("MAJOR", "MINOR", "CODE_", "IMAGE_", "BLOCK_VALUE", "BLOCK_POLICY", "BLOCK_DECISION",
            "BLOCK_MESSAGE", "BLOCK_ADVICE", "SELFTEST_", "HEADER_BYTES", "ENTRY_SIZE")
    return {name: int(offset) for name, offset in fields if not name.startswith(skip)}


def image_page_rows(text):
    """Yields (constant, offset) of each row `| 12 | u32 | `NAME` |` of spec/image.md."""
    for match in re.finditer(r"^\| (\d+) \| [^|]+ \| `([A-Z]+_[A-Z_]+)` \|", text, re.MULTILINE):
        yield match[2], int(match[1])


def check_image_page():
    """Yields what differs between spec/image.md and layout.h."""
    path = ROOT / "spec/image.md"
    if not path.exists():
        return
    page_text, layout = path.read_text(encoding="utf-8"), read(FORMAT + "layout.h")
    written, made = dict(image_page_rows(page_text)), layout_fields(layout)
    for name in sorted(written.keys() | made.keys()):
        if written.get(name) != made.get(name):
            yield (f"spec/image.md: MST_{name} is at {written.get(name, 'no place')} there, at "
                   f"{made.get(name, 'no place')} in layout.h")
    for (number, name), size in layout_sections(layout).items():
        if not re.search(rf"^\| {number} \| `{name}` \| {size} \|", page_text, re.MULTILINE):
            yield f"spec/image.md: no row for section {number} {name} with records of {size} bytes"


# ---- the whole ---------------------------------------------------------------------------------


def check_page(name, text):
    """Whether the page is up to date; else shows how it differs."""
    path = ROOT / "spec" / name
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if old != text:
        print("".join(difflib.unified_diff(
            old.splitlines(True), text.splitlines(True), f"spec/{name}", "from its list")), end="")
        print(f"spec/{name} is out of date: run tools/docs/make_pages.py")
    return old == text


def main():
    """Writes or checks all pages."""
    parser = argparse.ArgumentParser(description="Makes the pages of spec/ that are lists")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 on drift")
    args = parser.parse_args()
    good = True
    try:
        for name, lines in PAGES.items():
            text = "\n".join(lines()) + "\n"
            if args.check:
                good = check_page(name, text) and good
            else:
                (ROOT / "spec" / name).write_text(text, encoding="utf-8")
        for wrong in check_image_page():
            print(wrong)
            good = False
    except Trouble as trouble:
        print(f"error: {trouble}", file=sys.stderr)
        good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
