#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fact source `intune` against a stand-in for Graph: what it brings, and in which rounds."""

import json
import signal
import subprocess
import time
import unittest

from source_fixture import PROGRAMS, ROOT, Case, main, slow

AT = "2026-08-14T13:00:00Z"


def verdicts(facts):
    """Of windows.hotpatch, by device and verdict, computed directly from the group `intune`."""
    text = "".join(json.dumps({"device": {"id": name}, "intune": device}) + "\n"
                   for name, device in facts.items())
    found = subprocess.run([PROGRAMS.muster, "eval", "windows.hotpatch", "--at", AT, "--brief"],
                           input=text, stdout=subprocess.PIPE, text=True, check=True,
                           cwd=ROOT).stdout
    return sorted(found.splitlines())


def managed(truth):
    return {name: record["intune"] for name, record in truth.items()}


class Intune(Case):

    def assert_arrived(self, source, truth):
        """Of each device what Graph knows of it, as far as it was asked for."""
        facts = source.facts("intune")
        self.assertEqual(set(facts), set(truth))
        for name, device in facts.items():
            whole = truth[name]["intune"]
            self.assertEqual(device, {key: whole[key] for key in device}, name)
            self.assertIn("hardwareInformation", device)

    def test_a_fleet_arrives_within_the_budget(self):
        self.begin()
        source = self.source("intune", every_s=60)
        source.wait("full round")
        self.end(source)
        truth = self.graphd.truth()
        self.assert_arrived(source, truth)
        asked = self.graphd.control()
        self.assertEqual(asked["counts"], {"token": 1, "list": 3, "device": len(truth),
                                           "graph": len(truth) + 3})
        self.assertEqual(verdicts(source.facts("intune")), verdicts(managed(truth)))

    def test_requests_in_a_window(self):
        self.begin(devices=120, limit=100, window=0.5)
        began = time.monotonic()
        source = self.source("intune", requests=50, window_s=0.5, every_s=60)
        source.wait("full round")
        took = time.monotonic() - began
        self.end(source)
        asked = self.graphd.control()
        self.assertNotIn("throttled", asked["counts"])
        # a tenth at once, the others evenly
        self.assertGreaterEqual(took, (asked["counts"]["graph"] - 5 - 1) / 45 * 0.5)

    def test_rounds_read_what_synced_and_clear_what_is_gone(self):
        self.begin()
        source = self.source("intune", full_every_s=1)
        source.wait("full round")
        first = self.graphd.counts()["device"]
        self.graphd.control(advance=1)
        source.wait("full round", 3)
        self.end(source)
        truth = self.graphd.truth()
        self.assert_arrived(source, truth)
        again = self.graphd.counts()["device"] - first
        self.assertTrue(0 < again < first / 4, f"{again} of {first} were read again")
        gone = [r["device"]["id"] for r in source.records() if r["intune"] is None]
        self.assertTrue(gone and not set(gone) & set(truth))

    def test_killed_in_mid_round_it_goes_on(self):
        self.begin(devices=600)
        source = self.source("intune", requests=500, window_s=2, connections=4)
        end = time.monotonic() + 30
        while len(source.records()) < 250 and time.monotonic() < end:
            time.sleep(0.01)
        source.stop(signal.SIGKILL)
        kept = len(source.records())
        source = self.source("intune", every_s=60)
        source.wait("full round")
        self.end(source)
        self.assertTrue(250 <= kept < 500, kept)
        self.assert_arrived(source, self.graphd.truth())
        self.assertLessEqual(self.graphd.control()["asked_again"], 100, "at most one page")

    @slow
    def test_the_host_says_wait(self):
        self.begin()
        source = self.source("intune", waits=70, every_s=60)
        source.wait("full round")
        time.sleep(0.1)
        self.end(source)
        self.assert_arrived(source, self.graphd.truth())

    def test_defaults_of_a_list_are_never_given(self):
        self.begin(devices=40)
        source = self.source("intune", hardware=False)
        source.wait("full round")
        self.end(source)
        facts = source.facts("intune").values()
        self.assertTrue(facts)
        self.assertFalse([f for f in facts if "hardwareInformation" in f])

    @slow
    def test_a_page_of_more_than_a_batch_while_the_host_says_wait(self):
        self.begin(devices=1200, page=1200)
        truth = set(self.graphd.truth())
        source = self.source("intune", hardware=False, waits=70, every_s=60)
        source.wait("full round")
        end = time.monotonic() + 10
        while len(source.records()) < len(truth) and time.monotonic() < end:
            time.sleep(0.02)
        self.end(source)
        self.assertEqual(set(source.facts("intune")), truth)

    def test_of_two_enrolments_the_one_that_synced_last(self):
        self.begin()
        enrolments = [{"id": f"{number}-0", "azureADDeviceId": "e-1", "deviceName": name,
                       "lastSyncDateTime": when}
                      for number, name, when in ((1, "new", "2026-08-14T11:00:00Z"),
                                                 (2, "old", "2026-08-10T11:00:00Z"))]
        self.graphd.control(faults=[{"match": "managedDevices",
                                     "text": json.dumps({"value": enrolments})}])
        source = self.source("intune", hardware=False, every_s=60)
        source.wait("full round")
        self.end(source)
        self.assertEqual(source.facts("intune")["e-1"]["deviceName"], "new")

    @slow
    def test_v1_has_no_beta_properties(self):
        self.begin(devices=40)
        source = self.source("intune", api="v1.0")
        source.wait("full round")
        self.end(source)
        facts = source.facts("intune")
        self.assertEqual(set(facts), set(self.graphd.truth()))
        self.assertNotIn("skuNumber", next(iter(facts.values())))

    @slow
    def test_other_properties(self):
        self.begin(devices=10)
        source = self.source("intune", select=["deviceName", "model"], hardware=False)
        source.wait("full round")
        self.end(source)
        self.assertEqual(set(next(iter(source.facts("intune").values()))),
                         {"id", "deviceName", "model", "azureADDeviceId", "lastSyncDateTime"})


@unittest.skipUnless(PROGRAMS.devices, "the large run is asked for by --devices N")
class Large(Case):
    """A fleet of any size. graphd enforces the documented 2000 requests, in a window of 2 seconds
    instead of 20; the source may ask three quarters of that."""

    def test_a_large_fleet(self):
        count = PROGRAMS.devices
        self.begin(devices=count, page=1000, limit=2000, window=2.0)
        began = time.monotonic()
        budget = {"requests": 1500, "window_s": 2, "connections": 32,
                  "every_s": 3600}
        source = self.source("intune", **budget)
        while len(source.records()) < count // 3:
            time.sleep(1)
        source.stop(signal.SIGKILL)
        killed = time.monotonic() - began
        source = self.source("intune", **budget)
        source.wait("full round", timeout=3600)
        took = time.monotonic() - began
        self.end(source)
        truth = self.graphd.truth()
        given = source.facts("intune")
        asked = self.graphd.control()
        print(f"{len(given)} devices in {took:.0f} s, killed after {killed:.0f} s; {asked}")
        self.assertTrue(set(given) == set(truth))  # a difference would be printed for hours
        self.assertLessEqual(asked["most_in_window"], 2000)
        self.assertNotIn("throttled", asked["counts"])
        self.assertTrue(verdicts(given) == verdicts(managed(truth)))


if __name__ == "__main__":
    main()
