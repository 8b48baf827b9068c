#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A Graph that throttles, fails and lies: a source gets everything in the end, or says what is
wrong, and never gives its token or secret away."""

import json
import os
import pathlib
import shutil
import subprocess
import time

from source_fixture import PROGRAMS, Case, Source, main, slow

LIST, ONE = r"managedDevices\?", r"managedDevices/"


class Faults(Case):

    def assert_whole(self, *faults, devices=60, page=25, seconds=None, **config):
        """Everything arrives in spite of these faults; the counts of the stand-in."""
        self.begin(*faults, devices=devices, page=page)
        began = time.monotonic()
        source = self.source("intune", **{"every_s": 60, **config})
        source.wait("full round")
        took = time.monotonic() - began
        self.end(source)
        facts = source.facts("intune")
        self.assertEqual(set(facts), set(self.graphd.truth()))
        self.assertFalse([f for f in facts.values() if "hardwareInformation" not in f])
        asked = self.graphd.control()
        self.assertEqual(asked["faults_left"], 0)
        if seconds:
            self.assertGreaterEqual(took, seconds)
        return asked["counts"]

    def test_throttled_for_so_long(self):
        fault = {"match": LIST, "status": 429, "retry_after": "0.45", "after": 1}
        counts = self.assert_whole(fault, seconds=0.45)
        self.assertEqual(counts["failed"], 1)

    @slow
    def test_throttled_in_whole_seconds(self):
        self.assert_whole({"match": ONE, "status": 429, "retry_after": "1", "after": 3}, seconds=1)

    @slow
    def test_throttled_without_a_time(self):
        counts = self.assert_whole({"match": ONE, "status": 429, "times": 4}, connections=1)
        self.assertEqual(counts["failed"], 4)

    @slow
    def test_throttled_all_at_once(self):
        # Sixteen that were under way together are one reason to wait, not sixteen: the pause for
        # that many would be a minute.
        began = time.monotonic()
        self.assert_whole({"match": ONE, "status": 429, "times": 16}, connections=16, backoff_s=0.2)
        self.assertLess(time.monotonic() - began, 20)

    @slow
    def test_an_answer_without_end(self):
        page = "x" * (17 << 20)
        self.begin({"match": LIST, "text": page, "times": 6}, devices=5)
        source = self.source("intune", backoff_s=0.01)
        source.wait("health troubled the list of devices: the answer is longer than 16 MiB")
        source.wait("full round")
        self.end(source)
        self.assertEqual(set(source.facts("intune")), set(self.graphd.truth()))

    @slow
    def test_throttled_while_busy(self):
        counts = self.assert_whole({"match": ONE, "status": 503, "retry_after": "0.2", "times": 20})
        self.assertEqual(counts["failed"], 20)

    @slow
    def test_a_budget_that_is_smaller_than_ours(self):
        self.begin(devices=60, limit=30, window=0.3)
        source = self.source("intune", every_s=60)
        source.wait("full round")
        self.end(source)
        self.assertEqual(set(source.facts("intune")), set(self.graphd.truth()))
        self.assertGreater(self.graphd.counts()["throttled"], 0)

    def test_tokens_end_in_mid_paging(self):
        counts = self.assert_whole({"match": LIST, "expire": True, "after": 1},
                                   {"match": ONE, "expire": True, "after": 30})
        self.assertGreaterEqual(counts["unauthorized"], 2)
        self.assertEqual(counts["token"], 3)

    @slow
    def test_tokens_are_renewed_before_they_end(self):
        # They are taken for a while after it, so what is renewed was not refused.
        self.begin(devices=150, token_seconds=1, token_grace=60)
        source = self.source("intune", requests=100, window_s=1, every_s=60)
        source.wait("full round")
        self.end(source)
        counts = self.graphd.counts()
        self.assertGreater(counts["token"], 1)
        self.assertNotIn("unauthorized", counts)

    def test_servers_that_fail_in_passing(self):
        self.assert_whole({"match": LIST, "status": 500, "times": 2},
                          {"match": LIST, "status": 503, "after": 1},
                          {"match": ONE, "status": 502, "times": 3, "after": 10},
                          {"match": "oauth2", "status": 500})

    def test_answers_that_are_not_whole(self):
        self.assert_whole({"match": LIST, "cut": True}, {"match": LIST, "drop": True, "after": 1},
                          {"match": ONE, "cut": True, "times": 2}, {"match": ONE, "drop": True},
                          {"match": ONE, "text": "<html>busy</html>"},
                          {"match": ONE, "text": "[]"}, {"match": ONE, "text": ""})

    @slow
    def test_slow_bodies(self):
        self.assert_whole({"match": LIST, "slow": 0.3}, {"match": ONE, "slow": 30},
                          timeout_s=0.6)

    @slow
    def test_a_page_that_is_no_longer_there(self):
        counts = self.assert_whole({"match": "skiptoken", "status": 400}, every_s=0.1)
        self.assertGreaterEqual(counts["list"], 4)

    @slow
    def test_the_list_cannot_be_had_for_a_while(self):
        counts = self.assert_whole({"match": LIST, "status": 500, "times": 9},
                                   every_s=0.1, backoff_s=0.01)
        self.assertEqual(counts["failed"], 9)

    def test_a_device_that_cannot_be_read_is_read_in_the_next_round(self):
        self.begin(devices=30)
        device = next(iter(self.graphd.truth().values()))["intune"]["id"]
        self.graphd.control(faults=[{"match": ONE + device, "status": 500, "times": 6}])
        source = self.source("intune", backoff_s=0.01)
        source.wait("1 failed")
        source.wait("0 failed")
        self.end(source)
        self.assertEqual(set(source.facts("intune")), set(self.graphd.truth()))

    @slow
    def test_a_device_that_is_refused_or_gone(self):
        self.begin({"match": ONE, "status": 403}, {"match": ONE, "status": 404}, devices=30)
        source = self.source("intune", every_s=60)
        source.wait("1 gone")
        self.end(source)
        facts = source.facts("intune")
        self.assertEqual(len(facts), len(self.graphd.truth()) - 1)
        self.assertEqual(len([f for f in facts.values() if "hardwareInformation" not in f]), 1)

    @slow
    def test_a_filter_that_is_refused(self):
        self.begin({"match": "lastSync.*ge", "status": 400}, devices=30)
        source = self.source("intune")
        source.wait("refuses to filter")
        self.graphd.control(advance=1)
        source.wait(" round:", 2)
        self.end(source)
        self.assertEqual(set(source.facts("intune")), set(self.graphd.truth()))

    def test_a_next_page_on_another_host_gets_no_token(self):
        self.begin({"match": LIST, "foreign": True}, devices=60, page=25)
        source = self.source("intune", every_s=60)
        source.wait("not on Graph's own host")
        self.end(source)

    def test_pages_that_lead_nowhere(self):
        def page(address):
            return json.dumps({"value": [], "@odata.nextLink": address})
        here = self.graphd.place["url"] + "/beta/deviceManagement/managedDevices?$top=1"
        self.begin({"match": LIST, "text": page(here), "times": 2},
                   {"match": LIST, "text": page(here + "x" * 9000)},
                   {"match": LIST, "text": "{}"}, devices=60, page=25)
        source = self.source("intune")
        for text in ("its next page is the same page", "the address of its next page is too long",
                     "the answer has no 'value'"):
            source.wait("health troubled the list of devices: " + text)
        source.wait("full round")
        self.end(source)
        self.assertEqual(set(source.facts("intune")), set(self.graphd.truth()))

    def test_tokens_that_last_for_ever_or_not_at_all(self):
        self.begin(devices=10, token_seconds=1e300)
        source = self.source("intune", every_s=60)
        source.wait("full round")
        self.end(source)
        self.assertEqual(self.graphd.counts()["token"], 1)
        self.begin(devices=10, token_seconds=0.001)
        source = self.source("intune", backoff_s=1)
        source.wait("health troubled no token: the answer has none that is good for a second")
        self.end(source)
        self.assertLess(self.graphd.counts()["token"], 3)

    def test_a_secret_that_is_wrong(self):
        self.begin(devices=10)
        source = self.source("intune", client_secret_file=None, client_secret_env="OF_THE_TEST",
                             env={"OF_THE_TEST": "wrong-secret-0001"})
        source.wait("health troubled no token: AADSTS7000215: Invalid client secret.")
        self.end(source)
        self.assertNotIn("wrong-secret-0001", source.text())

    @slow
    def test_permissions_that_lack(self):
        self.begin({"match": LIST, "status": 403, "times": 2}, devices=10)
        source = self.source("intune")
        source.wait("health troubled the list of devices: HTTP 403 Fault planted")
        source.wait("health good")
        self.end(source)

    def test_a_certificate_of_somebody_else(self):
        self.begin(devices=10)
        source = self.source("intune", ca_file=None)
        source.wait("health troubled no token: SSL certificate problem")
        self.end(source)
        self.assertEqual(self.graphd.counts(), {})


class Configurations(Case):

    def refused(self, **wanted):
        source = Source("intune", self.config(**wanted), self.folder / "state")
        self.assertEqual(source.process.wait(30), 3)
        source.stop()
        return source.text()

    def test_what_is_refused(self):
        everybody = self.folder / "secret"
        shutil.copy(self.graphd.folder / "secret", everybody)
        os.chmod(everybody, 0o644)
        pipe, long = self.folder / "pipe", self.folder / "long"
        os.mkfifo(pipe, 0o600)
        long.touch(0o600)
        long.write_text("s" * 4096, encoding="ascii")
        cases = [
            ({"graph": "http://localhost"}, "graph: write https:// and a host"),
            ({"authority": "https://login.example/x"}, "authority: write https://"),
            ({"client_secret_file": None}, "client_secret_env: give one of the two"),
            ({"client_secret_env": "X"}, "give one of the two"),
            ({"client_secret_file": None, "client_secret_env": "NOT_SET"}, "is not set"),
            ({"client_secret_file": "/nowhere"}, "/nowhere cannot be opened"),
            ({"client_secret_file": str(everybody)}, "may be read by everybody: chmod o-rw"),
            ({"client_secret_file": str(pipe)}, "pipe is no file"),
            ({"client_secret_file": str(self.folder)}, " is no file"),
            ({"client_secret_file": str(long)}, "long is too long for a secret"),
            ({"select": ["a b"]}, "select: each entry is the name of one property"),
        ]
        for wanted, text in cases:
            with self.subTest(text=text):
                self.assertIn(text, self.refused(**wanted))

    def test_plugins_link_nothing_of_ours_and_export_one_symbol(self):
        for plugin in sorted(pathlib.Path(PROGRAMS.plugins).glob("muster-source-*.so")):
            symbols = symbols_of(plugin)
            self.assertEqual([name for name, kind in symbols
                              if kind not in "Uw" and not name.startswith("__")],
                             ["muster_source"], plugin)
            self.assertFalse([name for name, _kind in symbols if name.startswith("mst_")])


def symbols_of(path):
    """(name, kind) of each dynamic symbol."""
    found = subprocess.run(["nm", "-D", str(path)], check=True, stdout=subprocess.PIPE, text=True)
    parts = [line.split() for line in found.stdout.splitlines()]
    return [(part[-1].partition("@")[0], part[-2]) for part in parts]


if __name__ == "__main__":
    main()
