#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records for subjects of which no more, or nothing readable, is kept: each is answered, and costs
the others nothing. The state is written by spec/state.md (tests/golden/state/make_state.py)."""

import json
import pathlib
import sqlite3
import subprocess
import sys

from fixture import PROGRAMS, Case, Clock, device, instant, main

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden" / "state"))
import make_state  # noqa: E402  # pylint: disable=wrong-import-position,wrong-import-order

NOW = "2026-08-15T12:00:00Z"
GROUPS_MAX = 1024
DEPTH_MAX = 64
FIELDS = 140  # of 8 KB each: more than an event may have


def nested(depth):
    """Lists in each other."""
    found = []
    for _ in range(depth - 1):
        found = [found]
    return found


class Kept(Case):

    def make_state(self, groups, names=(), verdicts=lambda: []):
        """A state with the subject D-1 alone, which has these groups: texts by names."""
        make_state.NAMES[:] = [*groups, *names]
        row = make_state.row(0, "D-1", verdicts(), [
            make_state.group(name, instant(NOW) - 3600, text) for name, text in groups.items()])
        content = make_state.in_segment(*row)
        number, data = make_state.segment(0, 1, row)
        file = sqlite3.connect(self.folder / "state.db", isolation_level=None)
        file.executescript("""
            PRAGMA page_size = 16384;
            PRAGMA journal_mode = WAL;
            PRAGMA application_id = 0x4d535452;
            CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE name (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
            CREATE TABLE segment (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
            CREATE TABLE changes (last INTEGER PRIMARY KEY, first INTEGER NOT NULL,
                events BLOB NOT NULL) STRICT;
            PRAGMA user_version = 2;""")
        file.executemany("INSERT INTO name VALUES (?, ?)", enumerate(make_state.NAMES, 1))
        file.execute("INSERT INTO segment VALUES (?, ?)",
                     (number, data[:20 + len(content)] if len(content) > 16300 else data))
        file.close()

    def check_state(self):
        subprocess.run([PROGRAMS.muster, "state", "check", str(self.folder / "state.db")],
                       check=True, capture_output=True)

    def test_what_is_kept_and_cannot_be_read_is_told(self):
        self.make_state({"os": '{"build":', "vbs": '{"status":"running"}'})
        service = self.serve(Clock(self.folder, NOW))
        stream = service.connect()
        stream.send([device(1, vbs={"status": "off"}, seq=1), device(2, os={}, seq=2)])
        told, *others = stream.read(3)
        self.assertEqual((told["error"], told["seq"]), ("bad_record", 1), told)
        self.assertIn("what is kept of the subject cannot be read", told["message"])
        self.assertEqual([line["seq"] for line in others], [2, 2])
        self.assertIn(' subject="D-1" reason="', service.wait_log("stored_facts_unreadable"))
        self.assertEqual(service.metrics()["records_rejected_total"], 1)
        status, text = service.request("GET", "/v1/subjects/D-1")
        self.assertEqual((status, json.loads(text)["error"]), (500, "unreadable"))
        for filters in "", "?outcome=open":
            shown = service.get(f"/v1/verdicts{filters}")["verdicts"]
            self.assertEqual({verdict["subject"] for verdict in shown}, {"D-2"})
        # As it says: all groups at once are a new beginning.
        stream.send([device(1, vbs={"status": "off"}, os={"build": "26100.5"}, seq=3),
                     device(1, vbs={"status": "running"}, seq=4)])
        self.assertEqual([line["outcome"] for line in stream.rest()],
                         ["not_ready", "august", "ready", "august"])

    def test_what_cannot_be_read_is_not_due_again(self):
        clock = Clock(self.folder, NOW)
        rules = self.serve(clock, state="none").get("/v1/rules")["rules"]
        until = instant(NOW) - 3600
        self.make_state(
            {"os": '{"build":', "vbs": '{"status":"running"}'},
            ["readiness", "ready", "release", "august", rules],  # where make_state has the rules
            lambda: [make_state.verdict("readiness", "ready", make_state.PASS, "", 0, until),
                     make_state.verdict("release", "august", make_state.CASE, "", 0, until)])
        service = self.serve(clock)
        service.wait_log("stored_facts_unreadable")
        for _ in range(3):
            self.assertEqual(service.get("/v1/verdicts?outcome=open")["verdicts"], [])
        self.assertEqual(service.stop(), 0)
        self.assertEqual(sum("stored_facts_unreadable" in line for line in service.log), 1)

    def test_a_group_that_could_not_be_read_again_is_refused(self):
        service = self.serve(Clock(self.folder, NOW))
        stream = service.connect()
        good, bad = nested(DEPTH_MAX - 2), nested(DEPTH_MAX - 1)
        stream.send([{"device.id": "D-1", "os.deep": good, "os.build": "26100.5", "seq": 1},
                     {"device.id": "D-1", "os.deep": bad, "seq": 2},
                     {"device.id": "D-2", "os.deep": bad, "seq": 3},
                     device(1, vbs={"status": "running"}, seq=4)])
        found = stream.rest()
        self.assertEqual([line["seq"] for line in found], [1, 1, 2, 3, 4, 4])
        self.assertEqual([line["error"] for line in found[2:4]], ["bad_record"] * 2)
        self.assertEqual(found[4]["outcome"], "ready")
        self.assertEqual(service.request("GET", "/v1/subjects/D-2")[0], 404)

    def test_more_groups_than_are_kept_of_one_are_refused(self):
        groups = {f"old{number}": "{}" for number in range(GROUPS_MAX - 2)}
        self.make_state({**groups, "os": '{"build":"26100.5"}'})
        service = self.serve(Clock(self.folder, NOW))
        stream = service.connect()
        last = [device(1, vbs={"status": "running"}, seq=1),
                device(1, licence={"assigned": {"plan": "E3"}}, seq=2),
                device(2, os={"build": "26100.5"}, seq=3),
                device(1, os={"build": "26100.0"}, vbs={"status": "off"}, licence=None, seq=4),
                device(1, os={"build": "26100.0"}, seq=5)]
        stream.send(last)
        found = stream.rest()
        self.assertEqual([line["seq"] for line in found], [1, 1, 2, 3, 3, 4, 5, 5])
        self.assertEqual([line.get("outcome") for line in found],
                         ["ready", "august", None, "open", "august", None, "not_ready", "august"])
        for line in found[2], found[5]:
            self.assertEqual(line["error"], "bad_record")
            self.assertIn(f"more than {GROUPS_MAX} groups", line["message"])
        self.assertEqual(service.metrics()["commits_failed_total"], 0)
        kept = service.get("/v1/subjects/D-1")["groups"]
        self.assertEqual(len(kept), GROUPS_MAX)
        self.assertEqual(kept["vbs"]["facts"], {"status": "running"})
        service.stop()
        self.check_state()
        service.start()
        self.assertEqual(service.request("DELETE", "/v1/subjects/D-1")[0], 200)
        service.post([device(1, licence={"assigned": {"plan": "E3"}})])
        self.assertEqual(json.loads(service.request("GET", "/v1/subjects/D-1")[1])["groups"].keys(),
                         {"licence.assigned"})

    def test_an_event_that_is_too_long_is_shortened(self):
        rules = self.folder / "long.muster"
        fields = ", ".join(f"field{number}: os.text" for number in range(FIELDS))
        rules.write_text(f"""module long version 1
facts device {{ id: text }}
facts os {{ text: text<4096> }}
subject device.id
decision long {{ otherwise same {{ {fields} }} }}
decision short {{ when os.text == "" then none  otherwise some }}
""", encoding="utf-8")
        service = self.serve(Clock(self.folder, NOW), rules)
        stream = service.connect()
        stream.send([device(1, os={"text": "\n" * 4000}, seq=1), device(2, os={"text": ""}, seq=2)])
        found = stream.rest()
        self.assertEqual([(line["verdict"], line["seq"]) for line in found],
                         [("long", 1), ("short", 1), ("long", 2), ("short", 2)])
        self.assertEqual(len(found[0]["fields"]), FIELDS)
        changes = [change for _number, _kind, change in service.changes(0, 4)]
        self.assertEqual([(change["subject"], change["outcome"], "fields" in change)
                          for change in changes],
                         [("D-1", "same", False), ("D-1", "some", True), ("D-2", "same", True),
                          ("D-2", "none", True)])
        self.assertEqual(changes[0].keys(), {"subject", "verdict", "outcome", "check",
                                             "valid_until", "since", "previous"})


if __name__ == "__main__":
    main()
