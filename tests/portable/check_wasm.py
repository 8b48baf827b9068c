#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does libmuster give the same verdicts in WebAssembly as here?

    check_wasm.py --muster build/muster --wasm build-wasm32/tests/portable/verdicts.wasm

Puts images and their records to verdicts.wasm in Node, and compares each line with what
`muster eval` prints for them. The rules: the Windows package over its sample fleet, the image that
is kept, and every case of the reference evaluator that is not refused.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CASES = ROOT / "tests" / "oracle" / "cases"
AT = "2026-08-15T00:00:00Z"


def rule_files():
    """Yields (name, rules, records)."""
    fleet = ROOT / "stdlib-rules" / "samples" / "fleet.ndjson"
    some = b"".join(fleet.read_bytes().splitlines(True)[:300])
    yield "windows.hotpatch", "windows.hotpatch", some
    kept = ROOT / "tests" / "golden" / "image"
    for image in sorted(kept.glob("*.musterc")):
        yield image.stem, str(image), image.with_suffix(".ndjson").read_bytes()
    for path in sorted(CASES.glob("*.muster")):
        records = path.with_suffix(".ndjson")
        expected = path.with_suffix(".expected")
        if records.exists() and expected.exists() and not expected.read_text().startswith("error"):
            yield path.stem, str(path), records.read_bytes()


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def judge(options, folder, rules, records):
    """What differs between the two, or None; False where the rules make no image."""
    image, facts = folder / "image", folder / "records"
    facts.write_bytes(records)
    search = ["-I", str(ROOT / "stdlib-rules"), "-I", str(CASES)]
    if rules.endswith(".musterc"):
        shutil.copy(rules, image)
    elif run(options.muster, "build", rules, *search, "-o", str(image)).returncode != 0:
        return False
    here = run(options.muster, "eval", str(image), "--facts", str(facts), "--at", AT,
               "--format", "ndjson")
    there = run("node", str(HERE / "run_wasm.mjs"), options.wasm, str(image), str(facts), AT)
    image.unlink()
    if there.returncode != 0 or here.returncode not in (0, 1) or not here.stdout:
        return (there.stderr + here.stderr).decode() or "no verdicts"
    for number, (a, b) in enumerate(zip(here.stdout.splitlines(), there.stdout.splitlines()), 1):
        if a != b:
            return f"line {number}\n    here:  {a.decode()}\n    there: {b.decode()}"
    return None if here.stdout == there.stdout else "one prints more lines"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--muster", required=True)
    parser.add_argument("--wasm", required=True)
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="muster-wasm-") as folder:
        for name, rules, records in rule_files():
            different = judge(options, pathlib.Path(folder), rules, records)
            if different is False:
                continue
            passed, failed = passed + (different is None), failed + (different is not None)
            if different is not None:
                print(f"{name}: {different}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or passed < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
