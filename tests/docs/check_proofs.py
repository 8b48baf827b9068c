#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Are the checks there that section 9.1 of spec/image.md names?

    check_proofs.py [ROOT]

Each row of its table names where something is proven and the fault that says it is not: files of
runtime/core, functions that are defined there (in the file before them, where there is one), and
faults of runtime/format/fault.def.
"""

import pathlib
import re
import sys

SECTION = re.compile(r"^### 9\.1 .*?(?=^##)", re.MULTILINE | re.DOTALL)
DEFINED = r"^(?:static )?[\w *]*\b{}\([^;]*?\)\n\{{"
WORD = re.compile(r"`([\w.]+)`")


def check_row(sources, faults, proven, fault):
    """Yields what a row names that is not there."""
    where = None
    for name in WORD.findall(proven):
        if name.endswith(".c"):
            where = name
            if name not in sources:
                yield f"there is no runtime/core/{name}"
            continue
        texts = [sources.get(where, "")] if where else sources.values()
        pattern = re.compile(DEFINED.format(name), re.MULTILINE)
        if not any(pattern.search(text) for text in texts):
            yield f"{name}() is not defined in {where or 'runtime/core'}"
        where = None
    names = WORD.findall(fault)
    if not WORD.findall(proven) or not names:
        yield f"a row proves nothing: {proven} | {fault}"
    for name in names:
        if name not in faults:
            yield f"there is no fault {name}"


def main():
    """Each row is one test."""
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if root.is_file():
        root = root.parent.parent.parent
    sources = {path.name: path.read_text(encoding="utf-8")
               for path in (root / "runtime" / "core").glob("*.c")}
    faults = set(re.findall(r"^MST_FAULT\(\d+, (\w+),",
                            (root / "runtime/format/fault.def").read_text(encoding="utf-8"),
                            re.MULTILINE))
    section = SECTION.search((root / "spec" / "image.md").read_text(encoding="utf-8"))
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in section[0].splitlines() if line.startswith("|")][2:]
    failed = 0
    for row in rows:
        findings = list(check_row(sources, faults, row[2], row[3]))
        failed += bool(findings)
        for text in findings:
            print(f"spec/image.md, 9.1, '{row[0]}': {text}")
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
