#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for the fuzz targets, made from what lies in the tree anyway.

    tests/fuzz/make_seeds.py OUT

OUT/source: rule files with what they import and read behind them, each after a line `#@ NAME`.
OUT/record: records of the sample fleet and of the hand cases, with a first byte that chooses the
rules. OUT/agent: reports of devices, a first byte before them: even for text, odd for JSON.
OUT/plugin: the schema of a plugin with a configuration, and batches.
fuzz_image makes its own. Inputs that a fuzzer found lie in corpus/TARGET.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
IMPORT = re.compile(r"^import\s+([\w.]+)", re.MULTILINE)
TABLE = re.compile(r'from\s+"([^"]+\.csv)"')
FENCE = re.compile(r"^```muster\n(.*?)^```", re.MULTILINE | re.DOTALL)
FLEET_RECORDS = 60


def bundle(path, folder):
    """A rule file with all that it needs, as one input."""
    texts, waiting = [path.read_text(encoding="utf-8")], []
    waiting += [(name, path.parent) for name in IMPORT.findall(texts[0]) + TABLE.findall(texts[0])]
    seen = set()
    while waiting:
        name, beside = waiting.pop(0)
        is_table = name.endswith(".csv")
        file = beside / name if is_table else folder / (name.replace(".", "/") + ".muster")
        if name in seen or not file.is_file():
            continue
        seen.add(name)
        text = file.read_text(encoding="utf-8")
        texts.append("#@ %s\n%s" % (name, text))
        if not is_table:
            waiting += [(n, file.parent) for n in IMPORT.findall(text) + TABLE.findall(text)]
    return "".join(text if text.endswith("\n") else text + "\n" for text in texts)


def write(folder, name, data):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def sources(out):
    for top in ("tests/oracle/cases", "tests/fuzz/rules", "tests/golden", "stdlib-rules"):
        for path in sorted((ROOT / top).rglob("*.muster")):
            name = str(path.relative_to(ROOT)).replace("/", "_")
            write(out, name, bundle(path, ROOT / top).encode())
    for page in sorted((ROOT / "spec").glob("*.md")):
        for i, text in enumerate(FENCE.findall(page.read_text(encoding="utf-8"))):
            write(out, "%s_%d" % (page.stem, i), text.encode())


def records(out):
    cases = sorted((ROOT / "tests" / "oracle" / "cases").glob("*.ndjson"))
    lines = [(path.stem, i, line) for path in cases
             for i, line in enumerate(path.read_bytes().splitlines()) if line]
    fleet = (ROOT / "stdlib-rules" / "samples" / "fleet.ndjson").read_bytes().splitlines()
    lines += [("fleet", i, line) for i, line in enumerate(fleet[:FLEET_RECORDS])]
    for number, (name, i, line) in enumerate(lines):
        write(out, "%s_%d" % (name, i), bytes([number % 64]) + line)


def reports(out):
    for path in sorted((ROOT / "tests" / "plugins" / "reports").iterdir()):
        write(out, path.name, bytes([path.suffix == ".json"]) + path.read_bytes())
        write(out, path.name + ".wide", bytes([path.suffix == ".json"])
              + path.read_text(encoding="utf-8").encode("utf-16"))


def plugin(out):
    schema = b"""{"type": "object", "required": ["argv"], "additionalProperties": false,
"properties": {"argv": {"type": "array", "minItems": 1, "maxItems": 9,
"items": {"type": "string", "minLength": 1}}, "every_s": {"type": "integer", "minimum": 1,
"maximum": 9}, "mode": {"enum": ["a"], "type": "string"}, "share": {"type": "number"},
"force": {"type": "boolean", "default": true}}}"""
    for i, config in enumerate((b'{"argv": ["ls"], "every_s": 5, "mode": "a"}', b"{}", b'{"x": 1}',
                                b'{"argv": [""]}', b'{"argv": ["a"], "share": 1.5, "force": 0}')):
        write(out, "config_%d" % i, b"\0" + schema + b"\0" + config)
    record = b'{"device":{"id":"D-1"}}\n'
    for i, records in enumerate((record, record * 1001, b"\n \n" + record, b"[1,\n2]", b"")):
        write(out, "batch_%d" % i, b"\1\3\1cur" + records)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = pathlib.Path(sys.argv[1])
    sources(out / "source")
    records(out / "record")
    reports(out / "agent")
    plugin(out / "plugin")


if __name__ == "__main__":
    main()
