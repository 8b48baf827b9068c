#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every diagnostic of lang/diag.def has a case here that shows it, a caller, and a help.

    tests/golden/diag/coverage.py

The case of E0304 is e0304.cmd, that of W1009 w1009.cmd. Prints each finding and how to mend it.
"""

import pathlib
import re
import sys

CASES = pathlib.Path(__file__).resolve().parent
LANG = CASES.parents[2] / "lang"
ROW = re.compile(r'^MST_DIAG\((\d+), (ERROR|WARNING), (\w+),', re.MULTILINE)
SHOWN = re.compile(r"(?:error|warning) ([EW]\d{4}):")
HEADLINE = re.compile(r"^\S.*: (?:error|warning) [EW]\d{4}: ", re.MULTILINE)


def read_codes():
    """{"E0304": "NAME_UNKNOWN"}, as diag.def has them."""
    rows = ROW.findall((LANG / "diag.def").read_text(encoding="utf-8"))
    return {f"{severity[0]}{int(number):04}": name for number, severity, name in rows}


def read_sources():
    """All of lang but the list itself."""
    paths = [path for path in sorted(LANG.iterdir()) if path.suffix in {".c", ".re", ".y"}]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def shown_by(case):
    """What a case prints, on both streams."""
    streams = (case.with_suffix(suffix) for suffix in (".out", ".err"))
    return "".join(path.read_text(encoding="utf-8", errors="replace")
                   for path in streams if path.exists())


def check_codes(codes, sources):
    """Yields what is wrong with each code, or "" for a good one."""
    for code, name in codes.items():
        case = CASES / f"{code.lower()}.cmd"
        if not re.search(rf"\bMST_DIAG_{name}\b", sources):
            yield f"{code}: nothing in lang/ reports {name}; take it out of diag.def"
        elif not case.exists():
            yield f"{code}: write the smallest file that shows {name}, and {case.name} to run it"
        elif set(SHOWN.findall(shown_by(case))) != {code}:
            yield f"{code}: {case.name} is to show {code} and no other code"
        else:
            yield ""


def check_cases(codes):
    """Yields the like for each case: known codes, a help to each diagnostic."""
    for case in sorted(CASES.glob("*.cmd")):
        text = shown_by(case)
        strange = set(SHOWN.findall(text)) - set(codes)
        parts = HEADLINE.split(text)[1:]
        if strange:
            yield f"{case.name}: shows {', '.join(sorted(strange))}, not in diag.def; update it"
        elif any("\nhelp: " not in part for part in parts):
            yield f"{case.name}: a diagnostic has no help: say what to write instead"
        else:
            yield ""


def main():
    """Prints findings and the count; ends with 1 if there are any."""
    codes = read_codes()
    results = [*check_codes(codes, read_sources()), *check_cases(codes)]
    findings = [result for result in results if result]
    for finding in findings:
        print(finding)
    print(f"{len(results) - len(findings)} passed, {len(findings)} failed")
    return 1 if findings or not codes else 0


if __name__ == "__main__":
    sys.exit(main())
