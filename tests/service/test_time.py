#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verdicts turn because time passes: at the right instant, with that instant as `since`, whatever
the clock does; and what is shown is always what a fresh evaluation says."""

import json
import random
import subprocess
import time

from fixture import (PROGRAMS, Case, Clock, Normal, device, instant, lines, main, share,
                     write_rules)

DEVICES = 100000 if PROGRAMS.soak else 5000


class Time(Case):

    def test_a_verdict_turns_at_its_instant(self):
        clock = Clock(self.folder, "2026-08-15T12:00:00Z")
        service = self.serve(clock)
        service.post([device(1, os={"build": "26100.5"}, vbs={"status": "running"})])
        first = int(service.metrics()["change_sequence"])
        clock.set("2026-08-25T11:59:59Z")
        service.wait_metric("clock_ahead_total", lambda n: n == 1)
        self.assertEqual(service.verdicts("D-1")["readiness"]["outcome"], "ready")
        clock.set("2026-08-25T12:00:07Z")
        (number, kind, change), = service.changes(first, 1)
        self.assertEqual((number, kind), (first + 1, "change"))
        self.assertEqual((change["verdict"], change["outcome"]), ("readiness", "open"))
        self.assertEqual(change["stale"], ["os.build"])
        self.assertEqual((change["since"], change["previous"]), ("2026-08-25T12:00:00Z", "ready"))
        clock.set("2026-09-08T17:00:00Z")
        (_number, _kind, change), = service.changes(first + 1, 1)
        self.assertEqual(change["outcome"], "september")
        self.assertEqual(change["since"], "2026-09-08T17:00:00Z")

    def test_instants_that_passed_while_it_was_down(self):
        clock = Clock(self.folder, "2026-08-15T12:00:00Z")
        service = self.serve(clock)
        service.post([device(1, os={"build": "26100.5"}, vbs={"status": "running"})])
        first = int(service.metrics()["change_sequence"])
        service.stop()
        clock.set("2026-10-01T00:00:00Z")
        again = self.serve(clock)
        changes = again.changes(first, 2)
        self.assertEqual([(c["outcome"], c["since"]) for _number, _kind, c in changes],
                         [("open", "2026-08-25T12:00:00Z"), ("september", "2026-09-08T17:00:00Z")])

    def test_a_clock_that_is_set_back_a_little_is_waited_for(self):
        clock = Clock(self.folder, "2026-09-08T17:00:00Z")
        service = self.serve(clock)
        service.post([device(1)])
        clock.set("2026-09-08T16:59:30Z")
        service.wait_metric("clock_held_total", lambda n: n > 0)
        release = service.verdicts("D-1")["release"]
        self.assertEqual((release["outcome"], release["at"]), ("september", "2026-09-08T17:00:00Z"))
        self.assertEqual(service.metrics()["clock_back_total"], 0)

    def test_a_clock_that_is_set_back_far_starts_anew(self):
        clock = Clock(self.folder, "2026-09-08T17:00:00Z")
        service = self.serve(clock)
        service.post([device(i) for i in range(1500)])
        clock.set("2026-09-01T00:00:00Z")
        service.wait_metric("evaluations_rules_total", lambda n: n == 1500)
        release = service.verdicts("D-1")["release"]
        self.assertEqual((release["outcome"], release["since"]), ("august", "2026-09-01T00:00:00Z"))
        self.assertEqual(service.metrics()["clock_back_total"], 1)
        self.assertIn("clock_back", "".join(service.log))
        clock.set("2026-09-08T17:00:00Z")
        service.wait_metric("evaluations_due_total", lambda n: n >= 1500)

    def test_a_release_that_hits_many_does_not_delay_others(self):
        clock = Clock(self.folder, "2026-09-08T16:00:00Z")
        service = self.serve(clock)
        for first in range(0, DEVICES, 5000):
            service.post([device(i) for i in range(first, min(first + 5000, DEVICES))])
        before = service.metrics()["change_sequence"]
        normal = Normal(service)
        time.sleep(0.3)
        begin = time.monotonic()
        clock.set("2026-09-08T17:00:00Z")
        service.wait_metric("change_sequence", lambda n: n >= before + DEVICES)
        took = time.monotonic() - begin
        times, metrics = normal.end(), service.metrics()
        print(f"{DEVICES} verdicts turned within {took:.2f} s, lag "
              f"{metrics['due_lag_max_seconds']:.2f} s; {len(times)} live records: p50 "
              f"{share(times, 0.5) * 1000:.1f} ms, p99 {share(times, 0.99) * 1000:.1f} ms")
        self.assertLess(took, 5)
        self.assertLess(share(times, 0.99), 0.5)
        self.assertGreater(metrics["due_lag_max_seconds"], 0)
        self.assertLess(metrics["due_lag_max_seconds"], 5)
        self.assertEqual((metrics["due"], metrics["due_lag_seconds"]), (0, 0))

    def test_always_what_a_fresh_evaluation_says(self):
        """A hundred devices through five weeks, held against `muster eval` at random instants."""
        chance = random.Random(8)
        rules = write_rules(self.folder)
        clock = Clock(self.folder, "2026-08-15T00:00:00Z")
        service = self.serve(clock, rules)
        facts = {}
        for _step in range(40):
            clock.set(clock.seconds + chance.randrange(1, 2 * 86400))
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(clock.seconds))
            for number in chance.sample(range(100), 7):
                record = {"os": {"build": f"26100.{chance.randrange(3)}"},
                          "vbs": {"status": chance.choice(["running", "off", None])}}
                for group in chance.sample(sorted(record), chance.randrange(2)):
                    del record[group]
                old = facts.setdefault(number, device(number, observed={}))
                old.update(record)
                old["observed"].update({group: now for group in record})
                service.post([device(number, **record)])
            if not facts:
                continue
            done = subprocess.run(
                [PROGRAMS.muster, "eval", str(rules), "--at", now],
                input=lines(facts.values()), capture_output=True, check=True)
            wanted = {(v["subject"], v["verdict"]): v
                      for v in map(json.loads, done.stdout.splitlines())}
            found = {(v["subject"], v["verdict"]): v
                     for v in service.get("/v1/verdicts?limit=1000")["verdicts"]}
            for verdict in found.values():
                del verdict["since"]
            self.assertEqual(found, wanted, now)
        self.assertGreater(instant(now), instant("2026-09-08T17:00:00Z"))


if __name__ == "__main__":
    main()
