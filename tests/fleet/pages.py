# SPDX-License-Identifier: Apache-2.0
"""The tables in the documents that are made from verdicts: how each is made, and where it stands.

A table stands between two comments, <!-- NAME: made by tests/fleet --> and <!-- end of NAME -->.
"""

import collections

TRUTHS = (("yes", "yes"), ("after_restart", "after a restart with the newest baseline"),
          ("later", "with the next baseline, took another update"), ("no", "no"),
          ("unknown", "disputed, or a fact is missing"))
GUIDES = (("news", "news site"), ("trident", "TridentStack"))
ANSWERS = ("pass", "fail", "unknown")
WALK = ("hotpatch.readiness", "cadence.track", "cadence.next_step", "rollout.offer")


def table(heads, rows, align=None):
    """A table of Markdown; align is one letter for each column, l or r."""
    rule = ["---:" if letter == "r" else "---" for letter in align or "l" * len(heads)]
    return "".join("| %s |\n" % " | ".join(str(cell) for cell in row)
                   for row in [heads, rule, *rows])


def compare_guides(verdicts):
    """How many devices each guide admits, refuses and cannot tell, by what is true of them."""
    counts = collections.Counter()
    for (subject, name), verdict in verdicts.items():
        if name != "guides.truth":
            continue
        counts[verdict["outcome"], "all"] += 1
        for guide, _ in GUIDES:
            kind = verdicts[subject, "guide_%s.readiness" % guide]["kind"]
            counts[verdict["outcome"], guide, kind] += 1
    heads = ["next hotpatch without a restart?", "devices"] + [
        "%s: %s" % (title, word) for _, title in GUIDES for word in ("yes", "no", "open")]
    rows = [[title, counts[truth, "all"]] +
            [counts[truth, guide, kind] or "-" for guide, _ in GUIDES for kind in ANSWERS]
            for truth, title in TRUTHS]
    return table(heads, rows, "l" + "r" * 7)


def tell_why(verdicts):
    """Where a guide is wrong, how often, and why."""
    counts = collections.Counter()
    for (_, name), verdict in verdicts.items():
        if name.startswith("guides.against_") and verdict["outcome"] in ("guide_admits",
                                                                         "guide_refuses"):
            why = verdict["reason"].partition(", for ")[2].rstrip(".")
            counts[name.partition("against_")[2], verdict["outcome"], why] += 1
    rows = [[dict(GUIDES)[guide], outcome.partition("_")[2], count, why]
            for (guide, outcome, why), count in sorted(
                counts.items(), key=lambda item: (item[0][:2], -item[1], item[0]))]
    return table(["guide", "wrongly", "devices", "for"], rows, "llrl")


def show_walk(steps):
    """One row for each instant at which something may change."""
    heads = ["from", *(name.partition(".")[2] for name in WALK), "holds until"]
    rows = []
    for at, verdicts, until in steps:
        told = [verdicts[name] for name in WALK]
        cells = ["%s%s" % (verdict["outcome"], " " + verdict["fields"]["kb"]
                           if verdict["fields"].get("kb") else "") for verdict in told]
        rows.append([at, *cells, until or "new facts"])
    return table(heads, rows)


def put(page, name, text):
    """The page's text with the table of that name in its place."""
    first = "<!-- %s: made by tests/fleet -->\n" % name
    last = "<!-- end of %s -->\n" % name
    written = page.read_text(encoding="utf-8")
    assert written.count(first) == 1 and written.count(last) == 1, (
        "%s has no place for the table %s" % (page.name, name))
    before, _, rest = written.partition(first)
    return before + first + "\n" + text + "\n" + last + rest.partition(last)[2]
