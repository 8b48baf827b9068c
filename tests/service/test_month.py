#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A fleet through September 2026 with the rules for Windows: at each of many instants, every
verdict of the service is what `muster eval` says at that instant, and hardly anything was evaluated
for it.

MST_MONTH_DEVICES and MST_MONTH_INSTANTS say how many; by default the first 200 of the sample fleet
and 8 instants, with --soak 100,000 devices and 1,000 instants."""

import json
import os
import pathlib
import random
import subprocess
import time

from fixture import PROGRAMS, Case, Clock, instant, lines, main

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "stdlib-rules" / "windows" / "cadence.muster"
FLEET = ROOT / "stdlib-rules" / "samples" / "fleet.ndjson"
DEVICES = int(os.environ.get("MST_MONTH_DEVICES", 100000 if PROGRAMS.soak else 200))
INSTANTS = int(os.environ.get("MST_MONTH_INSTANTS", 1000 if PROGRAMS.soak else 8))
BEGIN, END = "2026-08-31T00:00:00Z", "2026-10-01T00:00:00Z"
READ_AT = [("agent", "collected_at"), ("intune", "lastSyncDateTime"), ("autopatch", "read_at")]
LOOKED_AT = 5  # devices that are asked for one by one, at each instant


def text_of(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def make_fleet(chance):
    """Devices of the sample, each read at another time in August, so that each grows stale at one
    of its own."""
    samples = [json.loads(line) for line in FLEET.read_bytes().splitlines()]
    for number in range(DEVICES):
        record = json.loads(json.dumps(samples[number % len(samples)]))
        record["device"]["id"] = f"T-{number}"
        for group, name in READ_AT:
            if name in record.get(group, {}):
                record[group][name] = text_of(instant(BEGIN) - chance.randrange(27 * 86400))
        record["observed"] = {key: BEGIN for key in record}
        yield record


class Month(Case):

    def eval(self, seconds):
        return subprocess.run(
            [PROGRAMS.muster, "eval", str(self.image), "--facts", str(self.folder / "fleet.ndjson"),
             "--at", text_of(seconds), "--brief", "--format", "ndjson", "--jobs", "2"],
            check=True, capture_output=True).stdout.splitlines()

    def deliver(self, service):
        chance = random.Random(9)
        with open(self.folder / "fleet.ndjson", "wb") as file:
            batch = []
            for record in make_fleet(chance):
                batch.append(record)
                if len(batch) == 1000:
                    file.write(lines(batch))
                    self.assertEqual(service.post(batch)["accepted"], 1000)
                    batch = []
            file.write(lines(batch))
            self.assertEqual(service.post(batch)["accepted"], len(batch))

    def take_changes(self, service):
        """The outcomes as they are told by the changes up to now."""
        last = int(service.wait_metric("change_sequence", lambda n: True))
        for at in range(self.seen, last, 50000):
            for number, kind, change in service.changes(at, min(50000, last - at)):
                self.assertEqual((number, kind), (self.seen + 1, "change"))
                self.seen = number
                self.told[change["subject"], change["verdict"]] = (change["outcome"],
                                                                   change["check"])

    def take_fresh(self, seconds):
        """The outcomes by a fresh evaluation; only lines that differ are read."""
        found = self.eval(seconds)
        for line, old in zip(found, self.lines or [None] * len(found)):
            if line != old:
                verdict = json.loads(line)
                self.fresh[verdict["subject"], verdict["verdict"]] = (verdict["outcome"],
                                                                      verdict["check"])
        self.lines = found

    def look_at_some(self, service, chance):
        per_device = len(self.lines) // DEVICES
        for number in chance.sample(range(DEVICES), LOOKED_AT):
            shown = service.verdicts(f"T-{number}")
            for line in self.lines[number * per_device:(number + 1) * per_device]:
                fresh = json.loads(line)
                found = shown[fresh["verdict"]]
                for key, value in fresh.items():
                    self.assertEqual(found[key], value, (number, fresh["verdict"], found["at"]))

    def instants(self, chance):
        """Any, and the seconds before and at which verdicts turn."""
        wanted = {chance.randrange(instant(BEGIN) + 1, instant(END)) for _ in range(INSTANTS // 2)}
        turns = {json.loads(line)["valid_until"] for line in self.lines} - {None}
        for turn in chance.sample(sorted(turns), min(len(turns), INSTANTS // 4)):
            wanted |= {instant(turn) - 1, instant(turn)}
        return sorted(at for at in wanted if instant(BEGIN) < at < instant(END))

    def test_every_verdict_is_what_a_fresh_evaluation_says(self):
        chance = random.Random(26)
        self.told, self.fresh, self.lines, self.seen = {}, {}, None, 0
        self.image = self.folder / "cadence.musterc"
        subprocess.run([PROGRAMS.muster, "build", str(RULES), "-o", str(self.image)], check=True,
                       capture_output=True)
        clock = Clock(self.folder, BEGIN)
        service = self.serve(clock, self.image, durability="none", history=100000000)
        self.deliver(service)
        self.take_changes(service)
        self.take_fresh(instant(BEGIN))
        self.assertEqual(self.told, self.fresh)
        at_begin, done = self.seen, 0
        for seconds in self.instants(chance):
            clock.set(seconds)
            service.wait_metric("due", lambda n: n == 0, 120)
            self.take_changes(service)
            self.take_fresh(seconds)
            self.assertEqual(self.told, self.fresh, text_of(seconds))
            self.look_at_some(service, chance)
            done += 1
        evaluated = int(service.metrics()["evaluations_due_total"])
        polled = DEVICES * (instant(END) - instant(BEGIN)) // 60
        print(f"{DEVICES} devices, {len(self.told)} verdicts, {done} instants: all as a fresh "
              f"evaluation; {self.seen - at_begin} turned in {evaluated} evaluations, where "
              f"polling once a minute takes {polled}")
        self.assertGreater(self.seen, at_begin)
        self.assertLess(evaluated, polled // 1000)


if __name__ == "__main__":
    main()
