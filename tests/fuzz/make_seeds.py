#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for the fuzz targets, made from what lies in the tree anyway.

    tests/fuzz/make_seeds.py OUT

OUT/source: rule files with what they import and read behind them, each after a line `#@ NAME`.
OUT/record: records of the sample fleet and of the hand cases, with a first byte that chooses the
rules. OUT/wire: streams of them behind two bytes that say how they arrive. OUT/http: requests,
each behind a byte that says how, with a byte between two. OUT/agent: reports of devices, a first
byte before them: even for text, odd for JSON. OUT/plugin: the schema of a plugin with a
configuration, and batches.
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
# For tests/fuzz/rules/every_type.muster.
RECORDS = [
    b'{"device_id":"D-1","seq":1,"g":{"flag":true,"text":"a,b","build":"26100.1"}}',
    b'{"device_id":"D-1","g":{"colour":"rouge","seen":"2026-08-14T00:00:00Z"},"seq":"two"}',
    b'{"device_id":"D-2","numbers":{"n":4},"deep":{"er":{"taken":"2026-08-14T06:00:00Z"}}}',
    b'{"device_id":"D-1","g":null,"observed":{"g":"2026-08-15T00:01:00Z"}}',
    b'{"device_id":"D-1","g":{"flag":false},"observed":{"g":"2026-08-01T00:00:00Z"},"seq":[1]}',
    b'{"device_id":"\u0044-3","g.flag":true,"g.last":{"kb":"KB1","when":"2026-08-12T00:00:00Z"}}',
    b'{"g":{"flag":true}}',
    b'{"device_id":"D-4","g":{"flag":',
    b"",
    b"nonsense",
]
SEPARATOR = b"\x1e"
LOCAL = b"Host: localhost\n"
PLANS = [0, 1, 2, 4, 8, 16, 32, 64, 7, 34, 38, 66, 96]


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


def streams(out):
    whole = b"\n".join(RECORDS) + b"\n"
    for plan in PLANS:
        write(out, "plan_%d" % plan, bytes([plan % 16, plan]) + whole)
    write(out, "many", bytes([12, 38]) + b"{}\n" * 2500 + whole)
    write(out, "unended", bytes([3, 2]) + whole[:-20])
    for i, record in enumerate(RECORDS):
        write(out, "record_%d" % i, bytes([i, 0]) + record + b"\n")


def request(line, headers=b"", body=b"", how=b"O"):
    return how + line.encode() + b"\n" + LOCAL + headers + b"\n" + body


def requests(out):
    token = b"Authorization: Bearer 0123456789abcdef\n"
    facts = b"\n".join(RECORDS)
    post = request("POST /v1/facts?verdicts=1", body=facts)
    gets = ["/", "/metrics", "/healthz", "/readyz", "/v1/rules", "/v1/subjects/D-1",
            "/v1/subjects/%44%2d2", "/v1/verdicts", "/v1/verdicts?outcome=open&verdict=all_read",
            "/v1/verdicts?limit=1&after=1", "/v1/verdicts?check=flag&limit=0", "/v1/changes",
            "/v1/changes?after=0", "/v1/nothing"]
    for i, path in enumerate(gets):
        write(out, "get_%d" % i, b"\0" + post + SEPARATOR + request("GET " + path))
    write(out, "gone", b"\0" + request("POST /v1/facts", body=facts, how=b"$"))
    write(out, "delete", b"\0" + post + SEPARATOR + request("DELETE /v1/subjects/D-1"))
    write(out, "get_with_body", b"\0" + request("GET /v1/changes", body=b"x" * 100, how=b"C"))
    write(out, "method", b"\0" + request("PUT /v1/facts"))
    write(out, "stream", b"\2" + request("GET /v1/changes", b"Last-Event-ID: 0\n", how=b"\x8f") +
          SEPARATOR + post)
    write(out, "token", b"\1" + request("GET /v1/rules", token))
    write(out, "no_token", b"\1" + request("GET /v1/rules", b"Authorization: Bearer 01234\n"))
    write(out, "origin", b"\0" + request("GET /", b"Origin: https://else.example\n"))
    write(out, "host", b"\0OGET /\nHost: [::1]:7412\n\n")
    signature = b"Muster-Signature: untrusted comment: x\tRUQ=\ttrusted comment: y\tAA==\n"
    for number in range(6):
        image = b"@%d" % number
        write(out, "put_%d" % number, b"\0" + post + SEPARATOR +
              request("PUT /v1/rules?force=%d" % (number % 2), signature, image))
        write(out, "try_%d" % number, b"\0" + post + SEPARATOR +
              request("POST /v1/rules/dry-run", b"", image))
    write(out, "ill_signed", b"\1" + request("PUT /v1/rules", signature + token, b"@1"))
    write(out, "signed", b"\1" + request("PUT /v1/rules", b"Muster-Signature: @\n" + token,
                                         b"@1"))


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
    streams(out / "wire")
    requests(out / "http")
    reports(out / "agent")
    plugin(out / "plugin")


if __name__ == "__main__":
    main()
