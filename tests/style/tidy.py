#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Style as a test: reads the whole tree and says, for each finding, how to mend it.

    tests/style/tidy.py [ROOT]

What a compiler, clang-format or clang-tidy sees is left to them. Each rule is one test.
"""

import collections
import pathlib
import re
import sys

import includes

MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 600

# The one function, and hence file, that may be long: the loop over instructions, by file name.
EVAL_LOOP_FILES = {"loop.inc"}

C_LIKE = {".c", ".h", ".inc", ".re", ".y"}
SOURCE = C_LIKE | {".def", ".py", ".sh", ".cmake"}
TEXT = SOURCE | {".md", ".txt", ".muster", ".yml"}
PUBLIC_HEADERS = ("runtime/include/", "lang/include/", "plugins/include/")
OUR_SYMBOLS = ("runtime/", "lang/", "tools/")
# Test data is as ugly as the world; the rules about names and text do not hold there.
DATA = ("tests/golden/", "tests/fuzz/corpus/", "tests/oracle/cases/",
        "stdlib-rules/samples/")
REPEATED_NAMES = {"CMakeLists.txt", "README.md", "run"}  # run: what a folder is there for

SPDX = "SPDX-License-Identifier: Apache-2.0"
# Split, so that this file does not find itself.
LEFTOVERS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(home/\w|root/|Users/\w|wor" + r"k/|mnt/\w|workspace)")
REGISTRY = re.compile(
    r"\b(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|crates\.io|rubygems\.org|proxy\.golang\.org"
    r"|(deb|ftp|security)\.debian\.org|archive\.ubuntu\.com|docker\.io|ghcr\.io|quay\.io"
    r"|artifac" r"tory|\w*nexus\.\w+|registry\.[\w-]+\.\w+)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


class Source:
    """One text file of the tree."""

    def __init__(self, root, path):
        self.path = str(path.relative_to(root))
        self.folder = self.path.rpartition("/")[0]
        self.name = path.name
        self.text = path.read_bytes().decode("utf-8", "surrogateescape")
        self.lines = self.text.split("\n")
        if self.lines[-1] == "":
            self.lines.pop()
        script = self.text.startswith("#!")
        self.kind = path.suffix or (".sh" if script else "")
        if self.name == "CMakeLists.txt":
            self.kind = ".cmake"

    def without_comments(self):
        """The text with comments blanked, line numbers kept."""
        return COMMENT.sub(lambda m: "\n" * m[0].count("\n"), self.text)

    def functions(self):
        """Yields (line number, signature, body lines) of each function defined at the margin.

        Lines inside a re2c block are rules, not code, and are not counted.
        """
        start, in_rules, count, number = None, False, 0, 0
        for number, line in enumerate(self.lines, 1):
            in_rules = in_rules or line.lstrip().startswith("/*!re2c")
            if start is not None and not in_rules:
                count += 1
            if in_rules and "*/" in line:
                in_rules = False
            if line == "{" and start is None:
                start, count = number, 1
            elif line == "}" and start is not None:
                yield start, self.signature(start), count
                start = None

    def signature(self, start):
        """The lines before a function's brace, joined, back to the end of what precedes it."""
        parts = []
        for line in reversed(self.lines[max(0, start - 12):start - 1]):
            if not line.strip() or line[:1] in "}#%/*" or line.endswith((";", "*/")):
                break
            parts.insert(0, line.strip())
        return " ".join(parts)


def read_tree(root):
    """All text files, without what the build and git made."""
    sources, names = [], collections.defaultdict(list)
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0] == ".git" or parts[0].startswith("build") or "__pycache__" in parts:
            continue
        if not path.is_file() or path.is_symlink():
            continue
        names[path.name].append(str(path.relative_to(root)))
        text = path.suffix in TEXT or (not path.suffix and path.read_bytes()[:2] == b"#!")
        if text and not str(path.relative_to(root)).startswith(DATA):
            sources.append(Source(root, path))
    return sources, names


def lines_of(sources, kinds):
    """Yields (source, line number, line)."""
    for source in sources:
        if source.kind in kinds:
            for number, line in enumerate(source.lines, 1):
                yield source, number, line


def rule_includes(sources, names):
    """each folder includes only what the architecture lets it"""
    made = {".y": ".h", ".re": ".h", ".csv": ".inc"}
    files = collections.defaultdict(list)
    for name, paths in names.items():
        base, dot, kind = name.rpartition(".")
        for wanted in {name, base + made.get(dot + kind, dot + kind)}:
            files[wanted] += [path.rpartition("/")[0] for path in paths]
    for source, number, line in lines_of(sources, C_LIKE | {".def"}):
        match = INCLUDE.match(line)
        wrong = match and includes.allowed(
            match[2], match[1] == '"', source.folder, files)
        if wrong:
            yield source.path, number, wrong


def rule_columns(sources, _names):
    """lines have at most 100 columns"""
    for source, number, line in lines_of(sources, C_LIKE | {".py"}):
        if len(line) > MAX_COLUMNS:
            yield source.path, number, f"{len(line)} columns: break the line at {MAX_COLUMNS}"


def rule_tabs(sources, _names):
    """there are no tabs"""
    for source, number, line in lines_of(sources, SOURCE | {".muster"}):
        if "\t" in line:
            yield source.path, number, "a tab: indent with spaces; in a literal write \\t"


def rule_spaces(sources, _names):
    """no line ends in a space, every file ends in one newline"""
    for source, number, line in lines_of(sources, SOURCE | {".muster"}):
        if line != line.rstrip():
            yield source.path, number, "space at the end of the line: remove it"
    for source in sources:
        good = source.text.endswith("\n") and not source.text.endswith("\n\n")
        if source.kind in SOURCE and not good:
            yield source.path, len(source.lines), "end the file with exactly one newline"


def rule_function_length(sources, _names):
    """functions have at most 60 lines"""
    for source in sources:
        if source.kind not in C_LIKE or source.name in EVAL_LOOP_FILES:
            continue
        for number, signature, count in source.functions():
            if count > MAX_FUNCTION_LINES:
                yield (source.path, number, f"{signature or 'function'}: {count} lines; give parts "
                       f"of it names of their own until it has {MAX_FUNCTION_LINES}")


def rule_file_length(sources, _names):
    """files have at most 600 lines"""
    for source in sources:
        if source.path.endswith(".y") or source.name in EVAL_LOOP_FILES:
            continue  # a grammar is one thing: its rules cannot live in two files; so is the loop
        if source.kind in SOURCE and len(source.lines) > MAX_FILE_LINES:
            yield (source.path, len(source.lines), f"{len(source.lines)} lines: split it by "
                   f"subject, at most {MAX_FILE_LINES}")


def rule_licence(sources, _names):
    """each source file names its licence"""
    for source in sources:
        if source.kind in SOURCE and not any(SPDX in line for line in source.lines[:3]):
            yield source.path, 1, f"begin the file with a comment: {SPDX}"


def rule_unique_names(_sources, names):
    """file names are unique in the tree"""
    for name, paths in sorted(names.items()):
        paths = [path for path in paths if not path.startswith(DATA)]
        if len(paths) > 1 and name not in REPEATED_NAMES and not name.startswith("."):
            yield paths[1], 1, f"{paths[0]} has the same name: call one of them by what it holds"


def rule_leftovers(sources, _names):
    """nothing is left for later in a comment"""
    for source, number, line in lines_of(sources, TEXT):
        match = LEFTOVERS.search(line)
        if match:
            yield source.path, number, f"{match[0]}: do it, or write an issue and remove the line"


def rule_long(sources, _names):
    """public headers do not say long"""
    for source in sources:
        if source.kind == ".h" and source.path.startswith(PUBLIC_HEADERS):
            for number, line in enumerate(source.without_comments().split("\n"), 1):
                if re.search(r"\blong\b", line):
                    yield source.path, number, "long differs between machines: use int64_t"


def rule_external_names(sources, _names):
    """external functions begin with mst_"""
    for source in sources:
        if source.kind not in (".c", ".re", ".y") or not source.path.startswith(OUR_SYMBOLS):
            continue
        for number, signature, _count in source.functions():
            match = re.search(r"(\w+)\s*\(", signature)
            static = re.search(r"\bstatic\b", signature)
            if match and not static and not match[1].startswith("mst_") and match[1] != "main":
                yield (source.path, number, f"{match[1]}() is external: make it static, or name it "
                       "mst_<module>_<verb>")


def rule_guards(sources, _names):
    """headers have a guard of one form"""
    for source in sources:
        if source.kind != ".h":
            continue
        code = [line for line in source.without_comments().split("\n") if line.strip()]
        guard = re.match(r"#ifndef ((?:MST|MUSTER)_\w+_H)$", code[0]) if code else None
        base = re.sub(r"\W", "_", source.name.rpartition(".")[0]).upper()
        if not guard or f"#define {guard[1]}" != code[1] or not guard[1].endswith(f"_{base}_H"):
            yield (source.path, 1, f"begin the code with #ifndef MST_<FOLDER>_{base}_H and its "
                   f"#define (MUSTER_{base}_H in a public header)")
        elif code[-1].split()[0] != "#endif":
            yield source.path, len(source.lines), "end the file with #endif"


def rule_heads(sources, _names):
    """each C file begins by saying what lives in it"""
    for source in sources:
        if source.kind not in C_LIKE | {".def"}:
            continue
        head = re.match(r"(\s*(/\*.*?\*/|%\{))+", source.text, re.DOTALL)
        words = head and re.findall(r"\w+", head[0].replace(SPDX, ""))
        if not words or len(words) < 5:
            yield source.path, 1, "begin with a comment that says what lives here"


def rule_machine(sources, _names):
    """nothing names a path of somebody's machine or a package registry"""
    for source, number, line in lines_of(sources, TEXT):
        match = MACHINE_PATH.search(line) or REGISTRY.search(line)
        if match:
            yield source.path, number, f"'{match[0]}' is one machine's: make it relative"


RULES = [rule_includes, rule_columns, rule_tabs, rule_spaces, rule_function_length,
         rule_file_length, rule_licence, rule_unique_names, rule_leftovers, rule_long,
         rule_external_names, rule_guards, rule_heads, rule_machine]


def main():
    """Runs every rule; ends with 1 if one failed or there was nothing to read."""
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if root.is_file():
        root = root.parent.parent.parent
    sources, names = read_tree(root)
    failed = 0
    for rule in RULES:
        findings = list(rule(sources, names))
        failed += bool(findings)
        if findings:
            print(f"FAIL: {rule.__doc__}")
        for path, number, text in findings:
            print(f"  {path}:{number}: {text}")
    if not sources:
        print(f"no sources below {root}")
        failed += 1
    print(f"{len(sources)} files read")
    print(f"{len(RULES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
