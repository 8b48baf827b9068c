#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fact source `autopatch` against a stand-in for Graph."""

import signal

from source_fixture import Case, main, slow


class Autopatch(Case):

    def expected(self, **more):
        facts = {name: record["autopatch"] for name, record in self.graphd.truth().items()}
        return {name: {**value, **more} for name, value in facts.items() if value}

    def arrived(self, source):
        facts = source.facts("autopatch")
        for value in facts.values():
            self.assertRegex(value.pop("readAt"), r"^2026-08-1\dT\d\d:\d\d:\d\dZ$")
        return facts

    def run_round(self, *faults, devices=150, **config):
        self.begin(*faults, devices=devices, page=40)
        source = self.source("autopatch", **{"every_s": 60, **config})
        source.wait("devices given")
        self.end(source)
        self.assertEqual(self.graphd.control()["faults_left"], 0)
        return source

    def test_enrolment_policies_and_rings_of_each_device(self):
        source = self.run_round(tenant_hotpatch_default=True)
        expected = self.expected(tenant={"hotpatchDefault": True})
        self.assertEqual(self.arrived(source), expected)
        # what is compared is of every kind
        for part in ("enrollment", "updatePolicy", "ring"):
            self.assertTrue(0 < sum(part in f for f in expected.values()) < len(expected), part)
        counts = {tuple(f["qualityUpdatePolicies"].values()) for f in expected.values()}
        self.assertEqual(counts, {(0, 0), (0, 1), (1, 0), (1, 1)})

    @slow
    def test_what_is_not_to_be_read_is_not_asked_for(self):
        source = self.run_round(read=["rings"])
        expected = self.expected()
        for name, facts in self.arrived(source).items():
            self.assertNotIn("qualityUpdatePolicies", facts)
            self.assertNotIn("updatePolicy", facts)
            self.assertEqual(facts.get("ring"), expected[name].get("ring"))
        self.assertNotIn("windowsQualityUpdatePolicies", self.graphd.counts())

    def test_a_catalogue_that_cannot_be_written_is_told_and_costs_nothing_else(self):
        file = self.folder / "nowhere" / "catalogue.json"
        source = self.run_round(devices=40, catalogue_file=str(file))
        source.wait(f"catalogue_file '{file}' cannot be written: No such file or directory")
        self.assertEqual(self.arrived(source), self.expected())

    def test_only_changes_are_given_again(self):
        self.begin(devices=150, page=40)
        source = self.source("autopatch")
        source.wait("devices given")
        first = len(source.records())
        rounds = self.graphd.counts()["updatePolicies"]
        self.graphd.control(advance=1)
        source.wait(" gone", 2)
        self.end(source)
        self.assertGreater(self.graphd.counts()["updatePolicies"], rounds)
        self.assertEqual(self.arrived(source), self.expected())
        again = source.records()[first:]
        self.assertTrue(0 < len(again) < 20, len(again))
        self.assertTrue([r for r in again if r["autopatch"] is None])

    def test_faults_in_passing(self):
        source = self.run_round(
            {"match": "updatableAssets", "status": 429, "retry_after": "0.2"},
            {"match": "updatableAssets.*skip", "expire": True},
            {"match": "rings", "status": 500}, {"match": "Policies", "cut": True},
            {"match": "transitiveMembers", "drop": True})
        self.assertEqual(self.arrived(source), self.expected())

    def test_answers_that_are_no_lists_fail_the_round(self):
        self.begin({"match": "catalog/entries", "status": 403},
                   {"match": "updatableAssets", "text": '{"value": {"id": "x"}}', "after": 1},
                   devices=150, page=200)
        catalogue = self.folder / "catalogue.json"
        source = self.source("autopatch", catalogue_file=str(catalogue))
        source.wait("health troubled catalogue of updates: HTTP 403")
        source.wait("health troubled updatable assets: the answer has no 'value'")
        source.wait("devices given")
        self.end(source)
        self.assertEqual(self.arrived(source), self.expected())
        self.assertTrue(catalogue.exists())

    @slow
    def test_a_round_that_fails_gives_nothing(self):
        self.begin({"match": "windowsQuality", "status": 403}, devices=150, page=40)
        source = self.source("autopatch")
        source.wait("health troubled quality update policies: HTTP 403")
        source.wait("devices given")
        self.end(source)
        self.assertEqual(self.arrived(source), self.expected())

    def test_policies_that_are_not_understood_are_not_counted(self):
        text = ('{"value": [{"id": "p", "hotpatchEnabled": "true", "assignments": [{"target":'
                ' {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}}]}]}')
        source = self.run_round({"match": "windowsQuality", "text": text})
        self.assertIn("not understood", source.text())
        for facts in source.facts("autopatch").values():
            self.assertNotIn("qualityUpdatePolicies", facts)

    @slow
    def test_all_devices_and_texts_for_booleans(self):
        text = ('{"value": [{"id": "p", "hotpatchEnabled": "false", "assignments": [{"target":'
                ' {"@odata.type": "microsoft.graph.allDevicesAssignmentTarget"}}]}]}')
        source = self.run_round({"match": "windowsQuality", "text": text})
        for facts in source.facts("autopatch").values():
            self.assertEqual(facts["qualityUpdatePolicies"],
                             {"hotpatchAllowed": 0, "hotpatchBlocked": 1})

    @slow
    def test_the_host_says_wait_and_the_source_is_killed(self):
        self.begin(devices=600, page=200)
        source = self.source("autopatch", waits=80)
        while len(source.records()) < 200:
            source.wait("", 0, 0.01)
        source.stop(signal.SIGKILL)
        source = self.source("autopatch", waits=80, every_s=60)
        source.wait("devices given")
        source.wait("health good")
        while len(self.expected()) != len(source.facts("autopatch")):
            source.wait("", 0, 0.02)
        self.end(source)
        self.assertEqual(self.arrived(source), self.expected())


if __name__ == "__main__":
    main()
