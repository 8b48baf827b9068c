#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Windows hotpatch rules over the sample fleet of 1,000 devices.

    tests/fleet/run_fleet.py --muster build/muster [--update]

- what comes out, counted, is what histogram.json says (--update writes what was seen);
- readiness, its check and the track of each device are what stdlib-rules/samples says they must be,
  where the rules are stated a second time, in Python;
- the fleet can be made again, byte for byte;
- one row more in the table of releases changes verdicts, and nothing is built for it;
- a device followed by `valid_until` alone is told the same as one who asks every few hours.
"""

import argparse
import collections
import csv
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RULES = HERE.parent.parent / "stdlib-rules"
FLEET = RULES / "samples" / "fleet.ndjson"
HISTOGRAM = HERE / "histogram.json"
AT = "2026-08-15T00:00:00Z"
SEED, SIZE = 42, 1000
FOLLOW_FROM, FOLLOW_TO = "2026-08-01T00:00:00Z", "2026-10-01T00:00:00Z"
FOLLOW_STEP_H = 5
# A baseline that came on the day before AT, at a revision that no device has.
MADE_UP_ROW = "2026-08-14,baseline,no,KB5999999,9300,24H2+25H2,sure,KB5999999\n"
# How long a verdict lasts is told by valid_until; all else must be the same until then.
LASTING = ("outcome", "kind", "check", "label", "reason", "remedy", "cite", "fields",
           "unknown_checks", "advice", "missing", "invalid", "stale", "undecided", "fault")


class Fleet:
    """Runs muster and keeps what it said."""

    def __init__(self, muster):
        self.muster = muster

    def verdicts(self, at=AT, rules=RULES, facts=FLEET):
        """{(subject, verdict): verdict} at an instant, in the order in which they came."""
        words = [self.muster, "eval", "windows.hotpatch", "-I", rules, "--facts", facts, "--at", at,
                 "--format", "ndjson"]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise AssertionError("muster ended with %d: %s" % (
                done.returncode, done.stderr.decode("utf-8", "replace")[:800]))
        lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
        return {(line["subject"], line["verdict"]): line for line in lines}


def seconds(text):
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())


def instant(number):
    moment = datetime.datetime.fromtimestamp(number, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def show(differences):
    """The first few of many."""
    more = len(differences) - 8
    return "\n  ".join(differences[:8] + (["… and %d more" % more] if more > 0 else []))


# ---- the tests: each says what is wrong by an AssertionError


def count_verdicts(verdicts):
    """{verdict: {"kind outcome check": devices}}, sorted; every cause and advice is counted too."""
    counts = collections.defaultdict(collections.Counter)
    for line in verdicts.values():
        name = line["verdict"]
        counts[name]["%s %s%s" % (line["kind"], line["outcome"],
                                  " " + line["check"] if line["check"] else "")] += 1
        for kind in ("missing", "invalid", "stale", "undecided", "fault"):
            for cause in line[kind]:
                counts[name + " causes"]["%s %s" % (kind, cause)] += 1
        for advice in line["advice"]:
            counts[name + " advice"][advice["name"]] += 1
        if line["reason"] is None and line["kind"] == "fail":
            counts[name]["fail without a reason"] += 1
    return {name: dict(sorted(counter.items())) for name, counter in sorted(counts.items())}


def test_histogram(fleet, options):
    found = count_verdicts(fleet.verdicts())
    if options.update:
        HISTOGRAM.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    wanted = json.loads(HISTOGRAM.read_text(encoding="utf-8"))
    wrong = ["%s, %s: %d devices, expected %d" % (name, key, found.get(name, {}).get(key, 0),
                                                  wanted.get(name, {}).get(key, 0))
             for name in sorted({*wanted, *found})
             for key in sorted({*wanted.get(name, {}), *found.get(name, {})})
             if wanted.get(name, {}).get(key) != found.get(name, {}).get(key)]
    assert not wrong, show(wrong)
    devices = {subject for subject, _ in fleet.verdicts()}
    assert len(devices) == SIZE, "%d devices" % len(devices)


def test_second_statement(fleet, _):
    verdicts, wrong = fleet.verdicts(), []
    with open(RULES / "samples" / "fleet_expected.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == SIZE, "%d rows" % len(rows)
    for row in rows:
        readiness = verdicts[row["subject"], "readiness"]
        found = (readiness["outcome"], readiness["check"] or "",
                 verdicts[row["subject"], "track"]["outcome"])
        if found != (row["readiness"], row["check"], row["track"]):
            wrong.append("%s: %s, expected %s" % (row["subject"], " ".join(found), " ".join(
                [row["readiness"], row["check"], row["track"]])))
    assert not wrong, show(wrong)


def test_made_again(_fleet, _options):
    with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
        made, expected = pathlib.Path(folder, "fleet.ndjson"), pathlib.Path(folder, "expected.csv")
        subprocess.run([sys.executable, "-B", RULES / "samples" / "make_fleet.py", str(SEED),
                        str(SIZE), made, "--verdicts", expected], check=True)
        assert made.read_bytes() == FLEET.read_bytes(), "fleet.ndjson differs"
        assert expected.read_bytes() == (RULES / "samples" / "fleet_expected.csv").read_bytes(), (
            "fleet_expected.csv differs")


def test_one_more_row(fleet, _options):
    with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
        rules = pathlib.Path(folder, "rules")
        shutil.copytree(RULES / "windows", rules / "windows")
        program = fleet.muster.stat().st_mtime_ns
        before = fleet.verdicts(rules=rules)
        with open(rules / "windows" / "releases.csv", "a", encoding="utf-8", newline="") as table:
            table.write(MADE_UP_ROW)
        after = fleet.verdicts(rules=rules)
    assert fleet.muster.stat().st_mtime_ns == program, "the program has been built"
    moved = [key for key in before if before[key]["outcome"] != after[key]["outcome"]]
    left_track = [s for s, v in moved if v == "track" and before[s, v]["outcome"] == "on_track"]
    assert left_track, "no device has left the track"
    for subject in left_track:
        now = after[subject, "track"]
        assert now["outcome"] == "baseline_first" and now["fields"]["baseline"] == "KB5999999", now
    on_track = [s for s, v in after if v == "track" and after[s, v]["outcome"] == "on_track"]
    assert not on_track, "on the track of a baseline that nobody has: %s" % show(on_track)
    rules_before, rules_after = (next(iter(v.values()))["rules"] for v in (before, after))
    assert rules_before != rules_after, "another table, but still %s" % rules_after


def choose_device(fleet):
    """The device whose verdicts change oftenest between the two instants."""
    changes = collections.Counter()
    first = fleet.verdicts(at=FOLLOW_FROM)
    for at in ("2026-08-12T00:00:00Z", "2026-09-01T00:00:00Z", "2026-09-10T00:00:00Z", FOLLOW_TO):
        then = fleet.verdicts(at=at)
        changes.update(s for s, v in then if then[s, v]["outcome"] != first[s, v]["outcome"])
        first = then
    return changes.most_common(1)[0][0]


def lasting(verdicts):
    return {name: {key: line[key] for key in LASTING} for (_, name), line in verdicts.items()}


def test_followed_by_valid_until(fleet, _options):
    subject = choose_device(fleet)
    with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
        facts = pathlib.Path(folder, "device.json")
        facts.write_text(next(line for line in FLEET.read_text(encoding="utf-8").splitlines()
                              if json.loads(line)["device"]["id"] == subject), encoding="utf-8")
        now, end, changes = seconds(FOLLOW_FROM), seconds(FOLLOW_TO), 0
        told = fleet.verdicts(at=FOLLOW_FROM, facts=facts)
        while now < end:
            until = min([seconds(line["valid_until"]) for line in told.values()
                         if line["valid_until"]] + [end])
            assert until > now, "valid until %s at %s" % (instant(until), instant(now))
            for asked in [*range(now, until, FOLLOW_STEP_H * 3600), until - 1]:
                found = lasting(fleet.verdicts(at=instant(asked), facts=facts))
                assert found == lasting(told), "%s: told at %s until %s, but other at %s" % (
                    subject, instant(now), instant(until), instant(asked))
            now = until
            told, before = fleet.verdicts(at=instant(now), facts=facts), told
            changes += lasting(told) != lasting(before)
    assert changes >= 3, "%s changes only %d times" % (subject, changes)


TESTS = (test_histogram, test_second_statement, test_made_again, test_one_more_row,
         test_followed_by_valid_until)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muster", type=pathlib.Path, required=True)
    parser.add_argument("--update", action="store_true", help="write histogram.json")
    options = parser.parse_args()
    fleet, failed = Fleet(options.muster.resolve()), 0
    for test in TESTS:
        try:
            test(fleet, options)
        except AssertionError as error:
            failed += 1
            print("%s:\n  %s" % (test.__name__, error))
    print("%d passed, %d failed" % (len(TESTS) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
