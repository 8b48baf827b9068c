#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is kept of a subject: groups that come, stay away, are cleared, come late or too early; and
that all of it is there after an end of any kind."""

import signal

from fixture import Case, Clock, device, main

NOW = "2026-08-15T12:00:00Z"


class Facts(Case):

    def serve_at_noon(self, **settings):
        return self.serve(Clock(self.folder, NOW), **settings)

    def groups(self, service, number=1):
        found = service.get(f"/v1/subjects/D-{number}")["groups"]
        return {name: group["facts"] for name, group in found.items()}

    def test_a_group_arrives_whole(self):
        service = self.serve_at_noon()
        service.post([device(1, os={"build": "26100.5", "edition": "Enterprise"},
                             vbs={"status": "running"})])
        self.assertEqual(service.verdicts("D-1")["readiness"]["outcome"], "ready")
        # A group that stays away stays as it was; one that comes replaces all of itself.
        service.post([device(1, os={"build": "26100.0"})])
        readiness = service.verdicts("D-1")["readiness"]
        self.assertEqual((readiness["outcome"], readiness["check"]), ("not_ready", "build"))
        self.assertEqual(self.groups(service),
                         {"os": {"build": "26100.0"}, "vbs": {"status": "running"}})
        # null clears it.
        service.post([device(1, os=None)])
        self.assertEqual(service.verdicts("D-1")["readiness"]["missing"], ["os.build"])
        self.assertEqual(self.groups(service), {"os": None, "vbs": {"status": "running"}})

    def test_dotted_and_nested_keys_are_the_same(self):
        service = self.serve_at_noon()
        service.post([
            {"device.id": "D-1", "os.build": "26100.5", "os": {"edition": "Pro"},
             "licence": {"assigned": {"plan": "E3"}, "noise": [1]}, "noise": {"a": "b"}},
            {"device": {"id": "D-2"}, "licence.assigned.plan": "E5", "vbs.status": "running"}])
        self.assertEqual(self.groups(service, 1), {"os": {"build": "26100.5", "edition": "Pro"},
                                                   "licence.assigned": {"plan": "E3"}})
        self.assertEqual(self.groups(service, 2), {"licence.assigned": {"plan": "E5"},
                                                   "vbs": {"status": "running"}})
        service.post([{"device": {"id": "D-1"}, "licence": None}])
        self.assertIsNone(self.groups(service, 1)["licence.assigned"])

    def test_older_facts_do_not_come_back(self):
        service = self.serve_at_noon()
        record = device(1, os={"build": "26100.5"}, vbs={"status": "off"})
        service.post([{**record, "observed": {"os": "2026-08-14T00:00:00Z"}}])
        service.post([device(1, os={"build": "26100.0"}, vbs={"status": "running"},
                             observed={"os": "2026-08-13T00:00:00Z"})])
        self.assertEqual(service.verdicts("D-1")["readiness"]["outcome"], "ready")
        self.assertEqual(service.metrics()["groups_older_total"], 1)
        # A clearing has its time too.
        service.post([device(1, os=None, observed={"os": "2026-08-14T12:00:00Z"})])
        service.post([device(1, os={"build": "26100.9"},
                             observed={"os": "2026-08-14T11:00:00Z"})])
        self.assertIsNone(self.groups(service)["os"])
        # The same instant counts as newer.
        service.post([device(1, os={"build": "26100.9"},
                             observed={"os": "2026-08-14T12:00:00Z"})])
        self.assertEqual(self.groups(service)["os"], {"build": "26100.9"})

    def test_a_clearing_is_remembered_whatever_else_comes(self):
        clock = Clock(self.folder, NOW)
        service = self.serve(clock)
        for number, (restarts, alone) in enumerate(
                ((False, True), (True, True), (False, False), (True, False))):
            service.post([device(number, os={"build": "26100.5"}, vbs={"status": "off"}, observed={
                "os": "2026-08-15T08:00:00Z", "vbs": "2026-08-15T08:00:00Z"})])
            others = {} if alone else {"os": {"build": "26100.4"}}
            service.post([device(number, **others, vbs=None, observed={
                "os": "2026-08-15T10:00:00Z", "vbs": "2026-08-15T10:00:00Z"})])
            if restarts:
                service.stop()
                service = self.serve(clock)
            # All that the subject still has is replaced, and needs no look at what was there.
            for _ in range(2):
                service.post([device(number, os={"build": "26100.6"},
                                     observed={"os": "2026-08-15T11:00:00Z"})])
            service.post([device(number, vbs={"status": "running"},
                                 observed={"vbs": "2026-08-15T09:00:00Z"})])
            self.assertEqual(self.groups(service, number), {"os": {"build": "26100.6"},
                                                            "vbs": None})

    def test_a_group_of_former_rules_is_kept_whatever_else_comes(self):
        clock = Clock(self.folder, NOW)
        service = self.serve(clock)
        service.post([device(1, os={"build": "26100.5"}, vbs={"status": "off"})])
        service.stop()
        text = service.rules.read_text(encoding="utf-8")
        fewer = text.replace('facts vbs { status: text }', '').replace(
            'check vbs "VBS" { require vbs.status == "running" }', '')
        for rules, version in ((fewer, "2026.9"), (fewer, "2026.9"), (text, "2026.10")):
            service.rules.write_text(rules.replace("2026.8", version), encoding="utf-8")
            service.start()
            for number in ("26100.6", "26100.7"):
                service.post([device(1, os={"build": number})])
            if version == "2026.10":
                self.assertEqual(self.groups(service), {"os": {"build": "26100.7"},
                                                        "vbs": {"status": "off"}})
            service.stop()

    def test_facts_from_the_future_were_observed_now(self):
        service = self.serve_at_noon()
        service.post([device(1, os={"build": "26100.5"}, vbs={"status": "running"},
                             observed={"os": "2026-08-15T12:04:59Z"}),
                      device(2, os={"build": "26100.5"}, vbs={"status": "running"},
                             observed={"os": "2026-08-15T12:05:01Z"})])
        self.assertEqual(service.verdicts("D-1")["readiness"]["valid_until"],
                         "2026-08-25T12:04:59Z")
        self.assertEqual(service.verdicts("D-2")["readiness"]["valid_until"],
                         "2026-08-25T12:00:00Z")
        self.assertEqual(service.metrics()["observed_ahead_total"], 1)

    def test_a_time_that_is_none_is_the_oldest(self):
        service = self.serve_at_noon()
        service.post([device(1, os={"build": "26100.5"}, observed={"os": "yesterday"})])
        self.assertEqual(service.verdicts("D-1")["readiness"]["stale"], ["os.build"])

    def test_the_subject_alone_is_no_group(self):
        service = self.serve_at_noon()
        service.post([{"device": {"id": "D-1", "owner": "Ada"}}, device(1)])
        self.assertEqual(self.groups(service), {"device": {"id": "D-1", "owner": "Ada"}})

    def test_several_records_of_a_subject_in_one_batch(self):
        service = self.serve_at_noon()
        records = []
        for i in range(400):
            records.append(device(i % 4, os={"build": f"26100.{i}"}))
            records.append(device(i % 4, vbs={"status": "running" if i > 390 else "off"}))
        service.post(records)
        for number in range(4):
            self.assertEqual(self.groups(service, number)["os"], {"build": f"26100.{396 + number}"})
            self.assertEqual(service.verdicts(f"D-{number}")["readiness"]["outcome"], "ready")

    def test_odd_subjects(self):
        service = self.serve_at_noon()
        names = ["ä/ö", "a b", 'quote"back\\slash', "100%", "x" * 255]
        service.post([{"device": {"id": name}, "vbs": {"status": "off"}} for name in names])
        paths = ["%C3%A4%2F%C3%B6", "a%20b", "quote%22back%5Cslash", "100%25", "x" * 255]
        for name, path in zip(names, paths):
            self.assertEqual(service.get(f"/v1/subjects/{path}")["subject"], name)
        answer = service.post([{"device": {"id": "x" * 256}}])
        self.assertEqual(answer["rejected"], 1)

    def test_a_subject_without_a_letter_harms_nobody(self):
        service = self.serve_at_noon()
        records = [{"device": {"id": name}, "vbs": {"status": "off"}} for name in ("a", "", "b")]
        answer = service.post(records)
        self.assertEqual((answer["accepted"], answer["rejected"], answer["retry"]), (2, 1, 0))
        self.assertIn("the subject is an empty text", answer["errors"][0]["message"])
        self.assertEqual(service.get("/v1/subjects/b")["subject"], "b")

    def test_everything_is_there_after_an_end_of_any_kind(self):
        clock = Clock(self.folder, NOW)
        for how in (signal.SIGTERM, signal.SIGKILL):
            service = self.serve(clock)
            service.post([device(i, os={"build": "26100.5"}, vbs={"status": "running"})
                          for i in range(500)])
            service.request("DELETE", "/v1/subjects/D-7")
            service.post([device(8, os={"build": "26100.0"})])
            before = service.get("/v1/verdicts?limit=1000")
            sequence = service.metrics()["change_sequence"]
            service.stop(how)
            clock.set(clock.seconds + 3600)
            again = self.serve(clock)
            after = again.get("/v1/verdicts?limit=1000")
            strip = [{**v, "at": None} for v in after["verdicts"]]
            self.assertEqual(strip, [{**v, "at": None} for v in before["verdicts"]])
            self.assertEqual(len(strip), 998)
            self.assertEqual(again.metrics()["change_sequence"], sequence)
            self.assertEqual(again.metrics()["evaluations_rules_total"], 0)
            again.stop()

    def test_room_for_subjects_has_a_limit(self):
        service = self.serve_at_noon(max_subjects=3)
        answer = service.post([device(i) for i in range(5)])
        self.assertEqual((answer["accepted"], answer["rejected"]), (3, 2))
        self.assertIn("no room", answer["errors"][0]["message"])
        service.request("DELETE", "/v1/subjects/D-0")
        self.assertEqual(service.post([device(4)])["accepted"], 1)


if __name__ == "__main__":
    main()
