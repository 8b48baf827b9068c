#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`muster baselines`: rows for the table of releases out of a catalogue, and whom they flip."""

import csv
import json
import shutil
import subprocess
import sys

from source_fixture import GRAPHD, PROGRAMS, ROOT, Case, main

sys.path.insert(0, str(GRAPHD.parent))
import graph_catalog  # noqa: E402

RULES = ROOT / "stdlib-rules"
WHOLE = {"$expand": graph_catalog.EXPAND}

# What appeared after July 2026, as the catalogue tells it.
LATER = [("2026-08-27", "monthly", "nonSecurity", "KB5120998", 9278, (26100, 26200), False),
         ("2026-09-08", "monthly", "security", "KB5124008", 9445, (26100, 26200, 22631), False),
         ("2026-09-14", "outOfBand", "security", "KB5129241", 9448, (26100, 26200), True),
         ("2026-09-14", "outOfBand", "security", "KB5129195", 9457, (26100, 26200), False)]


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Baselines(Case):

    def setUp(self):
        super().setUp()
        shutil.copytree(RULES / "windows", self.folder / "windows")
        self.table = self.folder / "windows" / "releases.csv"
        self.catalogue = self.folder / "catalogue.json"
        self.write(graph_catalog.entries(WHOLE))

    def write(self, entries):
        self.catalogue.write_text(json.dumps({"value": entries}), encoding="utf-8")

    def cut(self, before):
        """Takes the rows from a day on out of the table; all that it had."""
        text = self.table.read_text(encoding="utf-8")
        found = rows(self.table)
        kept = [line for line in text.splitlines(True) if line[:10] < before or line[0] == "d"]
        self.table.write_text("".join(kept), encoding="utf-8")
        return found

    def later(self):
        graph_catalog.EXTRA = LATER
        self.addCleanup(setattr, graph_catalog, "EXTRA", [])
        self.write(graph_catalog.entries(WHOLE))

    def baselines(self, *arguments):
        found = subprocess.run([PROGRAMS.muster, "baselines", str(self.catalogue),
                                "-I", str(self.folder), *arguments], cwd=self.folder,
                               capture_output=True, text=True, check=False)
        return found.returncode, found.stdout, found.stderr

    def test_the_source_writes_what_the_command_reads(self):
        self.begin(devices=20)
        self.catalogue.unlink()
        source = self.source("autopatch", catalogue_file=str(self.catalogue), every_s=60)
        source.wait("devices given")
        self.end(source)
        code, out, err = self.baselines()
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"windows/releases\.csv: \d+ rows, 0 new\n$")
        self.assertFalse((self.folder / "windows" / "releases.new.csv").exists())

    def test_rows_are_those_that_people_wrote(self):
        truth = {row["kb"]: row for row in self.cut("2026-08-01")}
        before = self.table.read_bytes()
        self.later()
        code, out, err = self.baselines()
        self.assertEqual((code, err), (0, ""))
        self.assertIn("taken for one on a day without", out)
        self.assertEqual(self.table.read_bytes(), before)
        new = self.folder / "windows" / "releases.new.csv"
        self.assertTrue(new.read_bytes().startswith(before))
        added = rows(new)[len(rows(self.table)):]
        self.assertEqual(len(added), 6)
        for row in added:
            for column in ("date", "kind", "planned", "ubr", "versions", "baseline_kb"):
                self.assertEqual(row[column], truth[row["kb"]][column], (row["kb"], column))
            self.assertEqual((row["confidence"], row["source"]), ("likely", "GRAPH"))

    def test_the_table_itself_is_never_written_over(self):
        self.cut("2026-08-01")
        self.later()
        before = self.table.read_bytes()
        code, _out, err = self.baselines("-o", "windows/../windows/releases.csv")
        self.assertEqual(code, 2)
        self.assertIn("never over it", err)
        self.assertEqual(self.table.read_bytes(), before)

    def test_devices_that_would_flip(self):
        self.cut("2026-08-01")
        self.later()
        fleet = str(RULES / "samples" / "fleet.ndjson")
        asked = ["--at", "2026-09-10T00:00:00Z", "--verdict", "next_step", "--limit", "5"]
        code, out, _err = self.baselines("--facts", fleet, "--rules", "windows.cadence", *asked)
        self.assertEqual(code, 0)
        after = self.folder / "after"
        shutil.copytree(self.folder / "windows", after / "windows")
        shutil.move(after / "windows" / "releases.new.csv", after / "windows" / "releases.csv")
        found = subprocess.run(
            [PROGRAMS.muster, "diff", str(self.folder / "windows" / "cadence.muster"),
             str(after / "windows" / "cadence.muster"), "--facts", fleet, *asked],
            capture_output=True, text=True, check=True).stdout
        flips = found[found.index("\nnext_step: "):].strip()
        self.assertNotIn("next_step: 0 of", flips)
        self.assertIn(flips, out)

    def test_a_contradiction_is_told_and_the_table_believed(self):
        text = self.table.read_text(encoding="utf-8")
        self.table.write_text(text.replace("KB5120994,9106", "KB5120994,9107"), encoding="utf-8")
        code, out, err = self.baselines()
        self.assertEqual(code, 1)
        self.assertIn("KB5120994: the table has 2026-08-11, hotpatch, revision 9107", err)
        self.assertIn("0 new", out)

    def test_servers_and_other_builds_are_left_out(self):
        entries = graph_catalog.entries(WHOLE)
        revision = entries[0]["productRevisions"][0]
        revision.update(product="Windows Server 2025")
        revision["osBuild"]["updateBuildRevision"] = 1
        revision["knowledgeBaseArticle"]["id"] = "KB1"
        self.write(entries[:1])
        code, out, err = self.baselines()
        self.assertEqual(code, 1)  # what is left is of 25H2 only, and the table says otherwise
        self.assertIn("25H2: compare with its page", err)
        self.assertIn("0 new", out)

    def test_what_is_no_good(self):
        entry = graph_catalog.entries(WHOLE)[0]
        del entry["productRevisions"][0]["knowledgeBaseArticle"]
        cases = [("nonsense", 1, "line 1: "), ('{"values": []}', 1, 'it has no list "value"'),
                 (json.dumps({"value": [entry]}), 1, "lacks a date, a KB number")]
        for text, code, message in cases:
            with self.subTest(message):
                self.catalogue.write_text(text, encoding="utf-8")
                found = self.baselines()
                self.assertEqual(found[0], code)
                self.assertIn(message, found[2])
        self.write([])
        self.table.write_text("kb,ubr\nKB1,2\n", encoding="utf-8")
        self.assertIn("has the columns date, kind", self.baselines()[2])
        self.table.write_text("", encoding="utf-8")
        self.assertIn("has no rows", self.baselines()[2])


if __name__ == "__main__":
    main()
