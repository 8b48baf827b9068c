#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""New rules are held against max-flips whenever they would become active: as they arrive, as their
instant comes, as the service starts."""

import json
import signal
import threading
import time
import unittest

from fixture import PROGRAMS, Case, Clock, build, device, main_at_once, write_rules

EARLY = "2026-08-15T00:00:00Z"
INSTANT = "2026-08-20T00:00:00Z"


class MaxFlips(Case):

    def fleet(self, service, count=100, build_of=lambda i: i % 10):
        service.post([device(i, os={"build": f"26100.{build_of(i)}"}, vbs={"status": "running"})
                      for i in range(count)])

    def later(self, minimum="26100.5"):
        return build(write_rules(self.folder, f"2026.9 effective from {INSTANT}", minimum,
                                 "later.muster"))

    def put(self, service, image, address="/v1/rules"):
        status, text = service.request("PUT", address, image.read_bytes())
        self.assertEqual((status, json.loads(text)["state"]), (200, "pending"))

    def serve_limited(self, clock, *arguments, **settings):
        return self.serve(clock, *arguments, allow_unsigned="yes", max_flips="20%", **settings)

    def tried_before(self, clock, service):
        """What the log says of the trial half a minute before the instant."""
        clock.set("2026-08-19T23:59:30Z")
        return service.wait_log("rules_tried")

    def check_refused(self, service, before=None):
        """It was refused, everybody can see why, and nothing has turned."""
        line = service.wait_log("rules_refused")
        reason = "@2026.9+"
        self.assertIn(reason, line)
        self.assertIn("40 of 100 subjects (40.00%), more than the 20% of max-flips", line)
        rules = service.get("/v1/rules")
        self.assertEqual((rules["version"], rules["pending"]), ("2026.8", None))
        self.assertIn("@2026.9+", rules["refused"]["rules"])
        self.assertIn("40 of 100 subjects", rules["refused"]["reason"])
        self.assertIn("40 of 100 subjects", service.request("GET", "/")[1])
        self.assertEqual(service.verdicts("D-4")["readiness"]["outcome"], "ready")
        metrics = service.metrics()
        self.assertEqual((metrics["rules_refused_total"], metrics["rules_taken_total"]), (1, 0))
        if before is not None:
            self.assertEqual(metrics["change_sequence"], before)

    def test_the_fleet_is_another_one_when_the_instant_comes(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.put(service, self.later())
        self.fleet(service)
        before = service.metrics()["change_sequence"]
        clock.set("2026-08-19T23:50:00Z")
        self.assertIn("@2026.9+", service.get("/v1/rules")["pending"])
        clock.set(INSTANT)
        self.check_refused(service, before)
        service.stop()
        again = self.serve_limited(clock)
        rules = again.get("/v1/rules")
        self.assertEqual((rules["version"], rules["pending"]), ("2026.8", None))
        self.assertEqual(again.metrics()["rules_refused_total"], 0)

    def test_it_is_the_verdicts_of_the_instant_that_count(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.fleet(service)
        path = write_rules(self.folder, f"2026.9 effective from {INSTANT}", "26100.5",
                           "later.muster")
        text = path.read_text(encoding="utf-8")
        text = text.replace("require os.build >= 26100.5",
                            f"require now < {INSTANT} or os.build >= 26100.5")
        path.write_text(text, encoding="utf-8")
        self.put(service, build(path))
        before = service.metrics()["change_sequence"]
        clock.set("2026-08-19T23:59:30Z")
        self.check_refused(service, before)

    def test_what_time_turns_by_itself_is_not_counted(self):
        clock = Clock(self.folder, "2026-08-10T00:00:00Z")
        service = self.serve_limited(clock)
        self.fleet(service)
        self.put(service, self.later("26100.2"))
        self.assertIn("flips=0 subjects=100", self.tried_before(clock, service))

    def test_few_flips_are_known_before_and_the_switch_is_on_time(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.fleet(service)
        self.put(service, self.later("26100.2"))
        self.assertIn("flips=10 subjects=100", self.tried_before(clock, service))
        self.assertEqual(service.get("/v1/rules")["version"], "2026.8")
        clock.set(INSTANT)
        self.assertEqual(service.get("/v1/rules")["version"], "2026.9")
        service.wait_metric("evaluations_rules_total", lambda n: n == 100)
        self.assertEqual(service.verdicts("D-1")["readiness"]["outcome"], "not_ready")

    def test_they_are_tried_anew_after_others_that_became_active(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.fleet(service)
        self.put(service, self.later("26100.2"))
        self.assertIn("flips=10 subjects=100", self.tried_before(clock, service))
        del service.log[:]
        image = build(write_rules(self.folder, "2026.8.1", "26100.2", "other.muster"))
        status, text = service.request("PUT", "/v1/rules", image.read_bytes())
        self.assertEqual(status, 200, text)
        self.assertIn("flips=0 subjects=100", service.wait_log("rules_tried"))

    def test_the_instant_passed_while_it_was_down(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.put(service, self.later())
        self.fleet(service)
        service.stop()
        clock.set("2026-08-21T00:00:00Z")
        self.check_refused(self.serve_limited(clock))

    def test_the_instant_of_the_given_rules_passed_while_it_was_down(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.fleet(service)
        service.stop()
        again = self.serve_limited(clock, self.later())
        self.assertIn("@2026.9+", again.get("/v1/rules")["pending"])
        again.stop()
        clock.set("2026-08-21T00:00:00Z")
        self.check_refused(self.serve_limited(clock, self.later()))

    def test_each_rules_are_tried_with_facts_of_their_own(self):
        """The active ones read a group more: what is loaded for them is not left for the others."""
        clock = Clock(self.folder, EARLY)
        both, one = self.folder / "both.muster", self.folder / "one.muster"
        more = '  check note "Note" { require notes.text != "bad" }\n'
        rules = """module fleet.ready version %s
facts device { id: text }
%sfacts vbs { status: text }
subject device.id
policy readiness "Readiness" {
  pass ready "Ready"  fail not_ready "Not ready"  unknown open "Not known"
  check vbs "VBS" { require vbs.status == "running" }
%s}
"""
        both.write_text(rules % ("2026.8", "facts notes { text: text }\n", more), encoding="utf-8")
        service = self.serve_limited(clock, both)
        service.post([device(i, notes={"text": "x" * 100}, vbs={"status": "running"})
                      for i in range(50)])
        one.write_text(rules % (f"2026.9 effective from {INSTANT}", "", ""), encoding="utf-8")
        self.put(service, build(one))
        self.assertIn("flips=0 subjects=50", self.tried_before(clock, service))

    def test_pending_rules_give_way_to_those_that_a_start_is_given(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.fleet(service)
        self.put(service, self.later("26100.1"))
        service.stop()
        clock.set("2026-08-21T00:00:00Z")
        newer = build(write_rules(self.folder, "2026.10", "26100.1", "newer.muster"))
        again = self.serve_limited(clock, newer)
        self.assertIn("@2026.10+", again.wait_log("rules_active"))
        self.assertIsNone(again.get("/v1/rules")["pending"])

    def test_a_start_with_newer_rules_is_an_activation_too(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.fleet(service)
        service.stop()
        newer = build(write_rules(self.folder, "2026.9", "26100.5", "newer.muster"))
        again = self.serve_limited(clock, newer)
        self.check_refused(again)
        again.stop()
        forced = self.serve_limited(clock, newer, force_rules="yes")
        self.assertEqual(forced.get("/v1/rules")["version"], "2026.9")
        forced.stop()
        few = build(write_rules(self.folder, "2026.10", "26100.6", "few.muster"))
        last = self.serve_limited(clock, few)
        last.wait_log("rules_active")
        self.assertEqual(last.get("/v1/rules")["version"], "2026.10")

    def test_rules_that_were_forced_are_not_held_up(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_limited(clock)
        self.fleet(service)
        self.put(service, self.later(), "/v1/rules?force=1")
        service.stop()
        clock.set(INSTANT)
        again = self.serve_limited(clock, self.later())
        again.wait_metric("evaluations_rules_total", lambda n: n == 100)
        self.assertEqual(again.verdicts("D-4")["readiness"]["outcome"], "not_ready")
        self.assertEqual(again.metrics()["rules_taken_total"], 1)

    def test_a_refusal_is_shown_until_others_are_active(self):
        service = self.serve_limited(Clock(self.folder, EARLY))
        self.fleet(service)
        self.assertIsNone(service.get("/v1/rules")["refused"])
        for minimum, wanted in [("26100.5", 409), ("26100.2", 200)]:
            image = build(write_rules(self.folder, "2026.9", minimum, "other.muster"))
            status, text = service.request("PUT", "/v1/rules", image.read_bytes())
            self.assertEqual(status, wanted, text)
            if wanted == 409:
                self.assertEqual(service.get("/v1/rules")["refused"]["at"], EARLY)
        self.assertIsNone(service.get("/v1/rules")["refused"])

    @unittest.skipUnless(PROGRAMS.soak, "takes a fleet that is not tried at once")
    def test_rules_of_a_file_that_come_during_a_trial_are_taken_after_it(self):
        service = self.serve_limited(Clock(self.folder, EARLY), durability="none")
        for part in range(10):
            records = [device(10000 * part + i, os={"build": "26100.9"}) for i in range(10000)]
            service.post(records)
        image = self.later().read_bytes()
        dry = threading.Thread(target=service.request,
                               args=("POST", "/v1/rules/dry-run", image))
        build(write_rules(self.folder, "2026.8.1", "26100.2"))
        dry.start()
        time.sleep(0.1)
        service.process.send_signal(signal.SIGHUP)
        self.assertIn("other rules are being tried", service.wait_log("rules_wait"))
        self.assertIn("@2026.8.1+", service.wait_log("rules_active"))
        dry.join()

    def serve_large(self, clock):
        """A fleet of which a trial takes about half a second."""
        service = self.serve_limited(clock, durability="none")
        self.fill(service, 9)
        del service.log[:]
        return service

    def fill(self, service, build_number):
        for part in range(10):
            service.post([device(10000 * part + i, os={"build": f"26100.{build_number}"},
                                 vbs={"status": "running"}) for i in range(10000)])

    @unittest.skipUnless(PROGRAMS.soak, "takes a fleet that is not tried at once")
    def test_a_file_that_changes_during_the_trial_of_what_it_was_is_taken_too(self):
        service = self.serve_large(Clock(self.folder, EARLY))
        for version in ("2026.8.1", "2026.8.2"):
            build(write_rules(self.folder, version, "26100.2"))
            service.process.send_signal(signal.SIGHUP)
            time.sleep(0.25)
        service.wait_metric("rules_taken_total", lambda n: n == 2)
        self.assertEqual(service.get("/v1/rules")["version"], "2026.8.2")
        self.assertEqual(service.metrics()["rules_refused_total"], 0)

    @unittest.skipUnless(PROGRAMS.soak, "takes a fleet that is not tried at once")
    def test_a_clock_that_jumps_back_voids_a_trial_that_is_on(self):
        clock = Clock(self.folder, EARLY)
        service = self.serve_large(clock)
        self.put(service, self.later("26100.2"))
        clock.set("2026-08-19T23:59:30Z")
        time.sleep(0.3)
        clock.set("2026-08-16T00:00:00Z")
        service.wait_log("clock_back")
        self.fill(service, 1)
        clock.set(INSTANT)
        self.assertIn("100000 of 100000 subjects", service.wait_log("rules_refused"))
        self.assertEqual(service.get("/v1/rules")["version"], "2026.8")

    @unittest.skipUnless(PROGRAMS.soak, "takes a fleet that is not tried at once")
    def test_it_ends_in_a_trial(self):
        service = self.serve_large(Clock(self.folder, EARLY))
        build(write_rules(self.folder, "2026.8.1", "26100.2"))
        service.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        service.stop()


if __name__ == "__main__":
    main_at_once()
