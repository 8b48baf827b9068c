#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A fleet through September 2026 with the rules for Windows: at each of many instants, every
verdict of the service is what a fresh evaluation says at that instant, and hardly anything was
evaluated for it. All verdicts are compared by outcome and check (fresh_outcomes.c), some devices by
all that `muster eval` says of them.

By default the first 200 of the sample fleet and 8 instants; with --soak 100,000 devices, and at the
instants that MST_MONTH_INSTANTS says. tools/test --all takes 100: some minutes. All of it, 1,000
instants, is some 40 minutes of one core with a Release build:

    MST_MONTH_INSTANTS=1000 python3 -B tests/service/test_month.py --muster build/muster \\
        --clocked build/tests/service/serve_clock --soak

MST_MONTH_DEVICES says how many devices."""

import json
import os
import pathlib
import random
import subprocess
import sys
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
FRESH = pathlib.Path(PROGRAMS.clocked).parent / "fresh_outcomes"


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

    def deliver(self, service):
        """The fleet into the service, and into a file with the place of each record in it."""
        chance, self.places = random.Random(9), []
        with open(self.folder / "fleet.ndjson", "wb") as file:
            batch = []
            for record in make_fleet(chance):
                batch.append(record)
                if len(batch) == 1000:
                    self.put(service, file, batch)
                    batch = []
            self.put(service, file, batch)

    def put(self, service, file, batch):
        for record in batch:
            self.places.append(file.tell())
            file.write(lines([record]))
        if batch:
            self.assertEqual(service.post(batch)["accepted"], len(batch))

    def eval(self, numbers, seconds):
        """What `muster eval` says of some devices."""
        with open(self.folder / "fleet.ndjson", "rb") as file, \
                open(self.folder / "some.ndjson", "wb") as some:
            for number in numbers:
                file.seek(self.places[number])
                some.write(file.readline())
        found = subprocess.run(
            [PROGRAMS.muster, "eval", str(self.image), "--facts", str(self.folder / "some.ndjson"),
             "--at", text_of(seconds), "--brief", "--format", "ndjson", "--jobs", "1"],
            check=True, capture_output=True).stdout
        return [json.loads(line) for line in found.splitlines()]

    def instants(self, chance):
        """Any, and the seconds before and at which verdicts turn."""
        wanted = {chance.randrange(instant(BEGIN) + 1, instant(END)) for _ in range(INSTANTS // 2)}
        some = chance.sample(range(DEVICES), min(DEVICES, 10 * INSTANTS))
        turns = {line["valid_until"] for line in self.eval(some, instant(BEGIN))} - {None}
        for turn in chance.sample(sorted(turns), min(len(turns), INSTANTS // 4)):
            wanted |= {instant(turn) - 1, instant(turn)}
        return sorted(at for at in wanted if instant(BEGIN) < at < instant(END))

    def judge_afresh(self, instants):
        """Lines of fresh_outcomes at the begin and each of the instants."""
        (self.folder / "instants").write_text("".join(f"{at}\n" for at in instants))
        with open(self.folder / "fresh.tsv", "wb") as out:
            subprocess.run([FRESH, self.image, self.folder / "fleet.ndjson",
                            self.folder / "instants"], check=True, stdout=out)
        self.fresh_lines = open(self.folder / "fresh.tsv", encoding="utf-8")
        self.addCleanup(self.fresh_lines.close)
        self.next_line = self.fresh_lines.readline()

    def take_changes(self, service):
        """The outcomes as they are told by the changes up to now; which ones were touched."""
        touched = set()
        last = int(service.wait_metric("change_sequence", lambda n: True))
        for at in range(self.seen, last, 50000):
            for number, kind, change in service.changes(at, min(50000, last - at)):
                self.assertEqual((number, kind), (self.seen + 1, "change"))
                self.seen = number
                key = int(change["subject"][2:]), change["verdict"]
                self.told[key] = sys.intern(change["outcome"]), change["check"] or ""
                touched.add(key)
        return touched

    def take_fresh(self, count):
        """The outcomes by a fresh evaluation at the instant with that number; the same."""
        touched = set()
        while self.next_line.startswith(f"{count}\t"):
            _count, number, verdict, outcome, check = self.next_line.rstrip("\n").split("\t")
            key = int(number), sys.intern(verdict)
            self.fresh[key] = sys.intern(outcome), sys.intern(check)
            touched.add(key)
            self.next_line = self.fresh_lines.readline()
        return touched

    def compare(self, service, count, seconds):
        """All verdicts: those that neither side has touched were compared before."""
        touched = self.take_changes(service) | self.take_fresh(count)
        wrong = [(key, self.told.get(key), self.fresh.get(key)) for key in touched
                 if self.told.get(key) != self.fresh.get(key)]
        self.assertEqual(wrong[:5], [], f"{len(wrong)} verdicts at {text_of(seconds)}")

    def look_at_some(self, service, chance, seconds):
        numbers = chance.sample(range(DEVICES), LOOKED_AT)
        shown = {number: service.verdicts(f"T-{number}") for number in numbers}
        for fresh in self.eval(numbers, seconds):
            found = shown[int(fresh["subject"][2:])][fresh["verdict"]]
            for key, value in fresh.items():
                self.assertEqual(found[key], value, (fresh["subject"], fresh["verdict"]))

    def report(self, service, at_begin, instants):
        evaluated = int(service.metrics()["evaluations_due_total"])
        polled = DEVICES * (instant(END) - instant(BEGIN)) // 60
        print(f"{DEVICES} devices, {len(self.told)} verdicts, {instants} instants: all as in "
              f"{int(self.next_line)} fresh evaluations; {self.seen - at_begin} turned in "
              f"{evaluated} evaluations of a device, where polling once a minute takes {polled}")
        self.assertGreater(self.seen, at_begin)
        self.assertLess(evaluated, polled // 1000)

    def test_every_verdict_is_what_a_fresh_evaluation_says(self):
        chance = random.Random(26)
        self.told, self.fresh, self.seen = {}, {}, 0
        self.image = self.folder / "cadence.musterc"
        subprocess.run([PROGRAMS.muster, "build", str(RULES), "-o", str(self.image)], check=True,
                       capture_output=True)
        clock = Clock(self.folder, BEGIN)
        service = self.serve(clock, self.image, durability="none", history=100000000)
        self.deliver(service)
        instants = [instant(BEGIN), *self.instants(chance)]
        self.judge_afresh(instants)
        self.compare(service, 0, instants[0])
        self.assertEqual(len(self.told), len(self.fresh))
        at_begin = self.seen
        for count, seconds in enumerate(instants[1:], 1):
            clock.set(seconds)
            service.wait_metric("due", lambda n: n == 0, 120)
            self.compare(service, count, seconds)
            self.look_at_some(service, chance, seconds)
        self.assertEqual(self.told, self.fresh)
        self.report(service, at_begin, len(instants) - 1)


if __name__ == "__main__":
    main()
