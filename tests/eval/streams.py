# SPDX-License-Identifier: Apache-2.0
"""Streams of records for the tests of `muster eval`: good ones and bad ones, in every form.

A stream is made from a seed alone. The rules that go with them are in tests/eval/rules."""

import json
import random

BOM = b"\xef\xbb\xbf"
WORDS = ("pilot", "ring 0", "kiosk", "\u00c4u\u00dfendienst", "a\"b", "\\", "{", "}]", ",",
         "\u6f22")


class Maker:
    """Draws records and what is none."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        self.badness = 0

    def chance(self, probability):
        return self.random.random() < probability

    def value(self, depth):
        kind = self.random.randrange(7 if depth < 4 else 5)
        if kind == 5:
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        if kind == 6:
            return {self.random.choice(WORDS): self.value(depth + 1)
                    for _ in range(self.random.randrange(4))}
        return (None, True, self.random.randrange(-99, 99999), self.random.choice(WORDS),
                "x" * self.random.randrange(200))[kind]

    def record(self):
        """A good record, mostly; facts may be missing or of another type."""
        draw = self.random
        self.count += 1
        record = {"device": {"id": "D-%d" % self.count},
                  "os": {"build": draw.choice(("26100.4929", "26100.1", "22631.5", 7, None, "new")),
                         "edition": draw.choice(("Enterprise", "Home", "Core", "Server", 3, None))}}
        if self.chance(0.3):
            record["observed"] = {"os": draw.choice(("2026-08-14T00:00:00Z", "2026-01-01", "?"))}
        if self.chance(0.5):
            record["device.tags"] = draw.choice((None, "kiosk", ["kiosk"], WORDS[:4], WORDS, 1))
        for _ in range(draw.randrange(4)):
            record[draw.choice(WORDS) + str(draw.randrange(9))] = self.value(0)
        if self.chance(0.02):
            del record["device"]
        if self.chance(0.003):
            record["long"] = "y" * draw.randrange(300_000, 1_100_000)
        if self.chance(0.01):
            nested = 0
            for _ in range(draw.choice((20, 61, 62, 63, 64, 90))):
                nested = [nested]
            record["deep"] = nested
        items = list(record.items())
        if self.chance(0.2):
            draw.shuffle(items)
        return dict(items)

    def text(self, indent):
        """One as text; some are spoilt."""
        text = json.dumps(self.record(), indent=indent, ensure_ascii=self.chance(0.5)).encode()
        return self.spoil(text) if self.chance(self.badness) else text

    def spoil(self, text):
        at = self.random.randrange(len(text))
        kind = self.random.randrange(8)
        if kind == 0:
            return text[:at]
        if kind == 1:
            return text[:at] + self.random.choice((b'"', b"}", b"]", b"{", b",", b"\x00", b"\xff",
                                                   b"\n", b"[")) + text[at:]
        if kind == 2:
            return text[:at] + text[at + 1:]
        if kind == 3:
            return text.replace(b'"', b"", 1)
        if kind == 4:
            return text.replace(b"}", b"", 1)
        if kind == 5:
            return self.random.choice((b"17", b"nothing", b"[]]", b"}", b'"id"', b"null"))
        if kind == 6:
            return text[:at] + b"\n" + text[at:]
        return text + self.random.choice((b",", b"]", b"}", b"x"))

    def stream(self, size):
        """About `size` bytes of records in one form, or in several."""
        self.badness = self.random.choice((0, 0, 0.01, 0.1, 0.6))
        form = self.random.choice(("lines", "lines", "pretty", "array", "line array",
                                   "pretty array", "glued", "mixed"))
        parts = [BOM] if self.chance(0.15) else []
        end = b"\r\n" if self.chance(0.2) else b"\n"
        length = 0
        while length < size:
            part = self.piece(form, end, min(size - length, self.random.randrange(1, size + 1))
                              if form == "mixed" else size - length)
            parts.append(part)
            length += len(part)
        whole = b"".join(parts)
        return whole.rstrip() if self.chance(0.3) else whole

    def piece(self, form, end, size):
        if form == "mixed":
            form = self.random.choice(("lines", "pretty", "array", "line array", "glued"))
        indent = self.random.choice((1, 2, 4)) if "pretty" in form else None
        texts, length = [], 0
        while length < size:
            texts.append(self.text(indent))
            length += len(texts[-1])
        if "array" in form:
            joint = b", " if form == "line array" else b"," + end
            return b"[" + joint.join(texts) + (b"]" if not self.chance(0.1) else b"") + end
        if form == "glued":
            return b"".join(texts) + end
        return end.join(texts) + end


def make(seed, size):
    return Maker(seed).stream(size)
