#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Windows hotpatch rules over the sample fleet of 1,000 devices.

    tests/fleet/run_fleet.py --muster build/muster [--update] [--quick] [TEST...]

- what comes out, counted, is what histogram.json says (--update writes what was seen);
- readiness, track, enrolment, next step and both guides are for each device what
  stdlib-rules/samples says they must be, where the rules are stated a second time, in Python;
- every outcome of every module occurs, and every failing check has reason, remedy and source;
- an edition is the same by name and by number; a site's own param counts;
- the tables that the documents show are these verdicts (--update writes them, too);
- the fleet can be made again, byte for byte;
- one row more in the table of releases changes verdicts, and nothing is built for it;
- a table that lacks a row, or whose rows contradict each other, instructs nobody; a wrong cell is
  an error; and adding a month breaks none of the package's own tests;
- no verdict of any device changes before its `valid_until` (with --quick looked at once);
- a device followed by `valid_until` alone is told the same as one who asks every few hours,
  with --quick every few days.
"""

import argparse
import collections
import csv
import datetime
import gc
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pages

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RULES = ROOT / "stdlib-rules"
FLEET = RULES / "samples" / "fleet.ndjson"
HISTOGRAM = HERE / "histogram.json"
AT = "2026-08-15T00:00:00Z"
# Where what cannot occur on the day of the fleet is looked for: in a month with two hotpatches,
# in one before a planned baseline, and long after the tables have ended.
OTHER_DAYS = ("2026-03-20T00:00:00Z", "2026-09-20T00:00:00Z", "2049-06-15T00:00:00Z")
PATHS = 30
# Around the end of a deferral, at a release, and where facts have begun to expire.
LATER = ("2026-08-17T16:59:59Z", "2026-09-08T16:59:59Z", "2026-09-20T00:00:00Z")
SOURCE_KEY = re.compile(r"\[([A-Z0-9][A-Z0-9-]+(?:, [A-Z0-9][A-Z0-9-]+)*)\]")
SEED, SIZE = 42, 1000
FOLLOW_FROM, FOLLOW_TO = "2026-08-01T00:00:00Z", "2026-10-01T00:00:00Z"
# A baseline that came on the day before AT, at a revision that no device has.
MADE_UP_ROW = "2026-08-14,baseline,no,KB5999999,9300,24H2+25H2,sure,KB5999999,other\n"
# A month as an administrator adds it: October's baseline and November's hotpatch.
OCTOBER = "2026-10-13,baseline,yes,KB5999001,9701,24H2+25H2,sure,KB5999001,other\n"
NOVEMBER = "2026-11-10,hotpatch,,KB5999002,9801,24H2+25H2,sure,KB5999001,other\n"
# The table as it was on this day, whatever has been added since.
TABLE_ENDS = "2026-09-30"
CLIENT = {"device": {"id": "C-1"}, "vbs": {"status": "running"}, "join": {"state": "entra_joined"},
          "mdm": {"authority": "Intune"}, "hotpatch_policy": {"allowed": True}}
# (what is tried, rows added, build, instant, track, next step, what the reason must name)
TABLES = (
    ("the last second of the table", "", "26100.9448", "2026-10-13T16:59:59Z",
     "on_track", "up_to_date", ""),
    ("the first second past the table", "", "26100.9448", "2026-10-13T17:00:00Z",
     "unknown", "unknown", "2026-10-13T17:00:00Z"),
    ("October added", OCTOBER, "26100.9448", "2026-10-15T00:00:00Z",
     "baseline_first", "install_baseline", "KB5999001"),
    ("October and November added", OCTOBER + NOVEMBER, "26200.9701", "2026-11-12T00:00:00Z",
     "on_track", "install_hotpatch", "KB5999001"),
    ("October and November added, November installed", OCTOBER + NOVEMBER, "26100.9801",
     "2026-11-12T00:00:00Z", "on_track", "up_to_date", "KB5999001"),
    ("October's baseline is not in the table", NOVEMBER, "26100.9445", "2026-11-12T00:00:00Z",
     "unknown", "unknown", "KB5999001"),
    ("... and November's hotpatch filed under September's",
     NOVEMBER.replace("KB5999001", "KB5124008"), "26100.9445", "2026-11-12T00:00:00Z",
     "unknown", "unknown", "2026-10-13"),
    ("a baseline that names another", OCTOBER.replace("sure,KB5999001", "sure,KB5124008"),
     "26100.9701", "2026-10-15T00:00:00Z", "unknown", "unknown", "KB5124008"),
    ("a hotpatch filed under the baseline before", OCTOBER + NOVEMBER.replace(
        "KB5999001", "KB5124008"), "26100.9801", "2026-11-12T00:00:00Z",
     "unknown", "unknown", "KB5999002"),
    ("a hotpatch that forgets 25H2", OCTOBER + NOVEMBER.replace("+25H2", ""), "26200.9801",
     "2026-11-12T00:00:00Z", "unknown", "unknown", "KB5999002"),
    ("a baseline that forgets 25H2", OCTOBER.replace("+25H2", ""), "26200.9445",
     "2026-10-15T00:00:00Z", "unknown", "unknown", "24H2 only"),
    ("November's preview alone does not make November whole",
     OCTOBER + "2026-11-24,preview,,KB5999003,9901,24H2+25H2,sure,KB5999001,other\n", "26100.9701",
     "2026-11-25T00:00:00Z", "unknown", "unknown", "2026-11-10T18:00:00Z"),
)
# The columns of fleet_expected.csv: the verdict, and whether its check stands there too.
STATED_TWICE = (("hotpatch.readiness", True), ("cadence.track", False),
                ("hotpatch.enrolment", False), ("cadence.next_step", False),
                ("guide_news.readiness", True), ("guide_trident.readiness", True))
# How long a verdict lasts is told by valid_until; all else must be the same until then.
LASTING = ("outcome", "kind", "check", "label", "reason", "remedy", "cite", "fields",
           "unknown_checks", "advice", "missing", "invalid", "stale", "undecided", "fault")


class Fleet:
    """Runs muster and keeps what it said."""

    def __init__(self, muster):
        self.muster = muster
        self.told = {}

    def run(self, *words):
        """Exit code and all that was printed."""
        done = subprocess.run([self.muster, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def verdicts(self, at=AT, rules=RULES, facts=FLEET, only=()):
        """{(subject, "hotpatch.readiness"): verdict} of all modules, in the order they came; of
        the whole package, or only what is named, which is a good deal faster."""
        named = [word for name in only for word in ("--verdict", "windows." + name)]
        key = at, rules, facts, *named
        if key not in self.told:
            self.told[key] = self.ask(at, facts, pathlib.Path(rules, "windows"), *named)
        return self.told[key]

    def cadence(self, at, facts=FLEET, *words):
        """The same of one module."""
        return self.ask(at, facts, "windows.cadence", "-I", RULES, *words)

    def ask(self, at, facts, *rules):
        words = [self.muster, "eval", *rules, "--facts", facts, "--at", at, "--format", "ndjson"]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise AssertionError("muster ended with %d: %s" % (
                done.returncode, done.stderr.decode("utf-8", "replace")[:800]))
        lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
        return {(line["subject"], line["verdict"].removeprefix("windows.")): line for line in lines}


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
    """{verdict: {"kind outcome check": devices}}, sorted; causes, advice and texts are counted too.

    The texts are those of checks, word for word; only builds and revisions are left out.
    """
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
        if line["check"] and line["reason"]:
            counts[name + " texts"]["%s: %s" % (line["check"], " | ".join(
                re.sub(r"\b\d{5}(\.\d+)?\b", "#", line[part] or "-")
                for part in ("reason", "remedy", "cite")))] += 1
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


def declared_paths(fleet):
    """(verdict, kind, name) of every outcome and every check that the modules have."""
    for module in sorted((RULES / "windows").glob("*.muster")):
        _, printed = fleet.run("inspect", module, "-I", RULES)
        verdict = None
        for line in printed.splitlines():
            head = re.match(r"(?:policy|decision) (\w+)$", line)
            part = re.match(r"  (pass|fail|unknown|case|check) +(\w+)", line)
            if head or not line.startswith("  "):
                verdict = "%s.%s" % (module.stem, head[1]) if head else None
            elif verdict and part:
                yield (verdict, part[1], part[2])


def test_every_outcome(fleet, _options):
    declared = list(declared_paths(fleet))
    assert declared, "muster inspect shows no outcome"
    lacking = declared
    for at in (AT, *OTHER_DAYS):
        wanted = () if lacking is declared else sorted({name for name, _, _ in lacking})
        day = fleet.verdicts(at=at, only=wanted) if lacking else {}
        found = {(name, line["kind"], line["outcome"]) for (_, name), line in day.items()}
        # A check that is only ever undecided, as `policies`, fails nowhere.
        found |= {(name, "check", line["check"]) for (_, name), line in day.items()
                  if line["kind"] != "pass" and line["check"]}
        lacking = [path for path in lacking if path not in found]
    assert not lacking, show(["%s: %s %s never occurs" % path for path in lacking])
    paths = {(name, line["outcome"], line["check"])
             for (_, name), line in fleet.verdicts().items()}
    assert len(paths) >= PATHS, "%d paths" % len(paths)


def test_sources(fleet, _options):
    """Reason, remedy and source where a check fails; every key of a source is in the README."""
    wrong, keys = set(), set()
    for (_, name), line in fleet.verdicts().items():
        for text in [line, *line["advice"]]:
            keys.update(*(key.split(", ") for part in ("reason", "remedy", "cite")
                          for key in SOURCE_KEY.findall(text[part] or "")))
        told = [line["reason"], line["remedy"], line["cite"]]
        if line["kind"] == "fail" and not all(told):
            wrong.add("%s (%s) lacks reason, remedy or source" % (name, line["check"]))
        own = {"%s.%s" % (name.partition(".")[2], part) for part in (line["check"], "unknown")}
        if own & set(line["undecided"]) and not line["reason"]:
            wrong.add("%s is undecided without a reason" % name)
    for path in ("releases.csv", "server_releases.csv", "errors.csv"):
        with open(RULES / "windows" / path, encoding="utf-8", newline="") as file:
            keys.update(*(row["source"].split("+") for row in csv.DictReader(file)))
    readme = (RULES / "README.md").read_text(encoding="utf-8")
    wrong.update("no source is called %s" % key for key in keys
                 if not re.search(r"^\|[^|]*\b%s\b[^|]*\|" % re.escape(key), readme, re.M))
    assert not wrong, show(sorted(wrong))


def test_editions(fleet, _options):
    """EditionID of the registry and skuNumber of Graph are told the same of."""
    sys.path.insert(0, str(RULES / "samples"))
    import make_fleet
    with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
        facts = pathlib.Path(folder, "editions.ndjson")
        names = [name for name in make_fleet.SKU if name != "PPIPro"]
        facts.write_text("".join(json.dumps(record) + "\n" for name in names for record in (
            {"device": {"id": name}, "agent": {"current_version": {"EditionID": name}}},
            {"device": {"id": "%d" % make_fleet.SKU[name]},
             "intune": {"skuNumber": make_fleet.SKU[name]}})), encoding="utf-8")
        found = fleet.verdicts(facts=facts)
    wrong = []
    for name in names:
        told, counted = ([found[subject, verdict] for verdict in (
            "hotpatch.readiness", "guide_news.readiness", "guide_trident.readiness")]
            for subject in (name, "%d" % make_fleet.SKU[name]))
        for one, other in zip(told, counted):
            if any(one[key] != other[key] for key in ("outcome", "check", "reason", "undecided")):
                wrong.append("%s is not %d" % (name, make_fleet.SKU[name]))
    assert not wrong, show(wrong)


def test_params(fleet, _options):
    """A site's own days change the rollout, and nothing else need be edited."""
    found = [fleet.ask("2026-08-12T00:00:00Z", RULES / "samples" / "laptop.json",
                       "windows.rollout", "-I", RULES, *param).popitem()[1]["outcome"]
             for param in ([], ["--param", "windows.rollout.ring2_deferral=0 days"],
                           ["--param", "windows.rollout.ring2_deferral=90 days"])]
    assert found == ["hold", "offer_hotpatch", "hold"], " ".join(found)


def walk(fleet, facts):
    """(instant, verdicts, valid until) from one instant that valid_until names to the next."""
    at, end = FOLLOW_FROM, FOLLOW_TO
    while at and at < end:
        told = {name: line for (_, name), line in fleet.verdicts(
            at=at, facts=facts, only=pages.WALK).items()}
        until = min([told[name]["valid_until"] for name in pages.WALK
                     if told[name]["valid_until"]], default=None)
        yield at, told, until
        at = until


def test_pages(fleet, options):
    verdicts, wrong = fleet.verdicts(), []
    steps = list(walk(fleet, RULES / "samples" / "laptop.json"))
    for at, told, until in steps:
        last = instant(seconds(until) - 1) if until else FOLLOW_TO
        then = {name: line for (_, name), line in fleet.verdicts(
            at=last, facts=RULES / "samples" / "laptop.json", only=pages.WALK).items()}
        if any(told[name]["outcome"] != then[name]["outcome"] for name in pages.WALK):
            wrong.append("told at %s until %s, but other at %s" % (at, until, last))
    for page, name, text in (
            (ROOT / "README.md", "guides", pages.compare_guides(verdicts)),
            (RULES / "README.md", "reasons", pages.tell_why(verdicts)),
            (RULES / "README.md", "walk", pages.show_walk(steps))):
        made = pages.put(page, name, text)
        if options.update:
            page.write_text(made, encoding="utf-8")
        if page.read_text(encoding="utf-8") != made:
            wrong.append("the table %s of %s is not what comes out: run with --update" % (
                name, page.relative_to(ROOT)))
    assert not wrong, show(wrong)


def test_second_statement(fleet, _):
    verdicts, wrong = fleet.verdicts(), []
    with open(RULES / "samples" / "fleet_expected.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == SIZE, "%d rows" % len(rows)
    for row in rows:
        subject, *expected = row.values()
        found = []
        for name, with_check in STATED_TWICE:
            verdict = verdicts[subject, name]
            found += [verdict["outcome"]] + ([verdict["check"] or ""] if with_check else [])
        if found != expected:
            wrong.append("%s: %s, expected %s" % (subject, " ".join(found), " ".join(expected)))
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
    program = fleet.muster.stat().st_mtime_ns
    before = fleet.verdicts()
    with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
        after = fleet.verdicts(rules=copy_rules(folder, MADE_UP_ROW), only=("cadence.track",))
    assert fleet.muster.stat().st_mtime_ns == program, "the program has been built"
    assert len(after) == SIZE, "%d verdicts" % len(after)
    left_track = [s for s, v in after if before[s, v]["outcome"] == "on_track"
                  and after[s, v]["outcome"] != "on_track"]
    assert left_track, "no device has left the track"
    for subject in left_track:
        now = after[subject, "cadence.track"]
        assert now["outcome"] == "baseline_first" and now["fields"]["baseline"] == "KB5999999", now
    on_track = [s for s, v in after if after[s, v]["outcome"] == "on_track"]
    assert not on_track, "on the track of a baseline that nobody has: %s" % show(on_track)
    rules_before, rules_after = (
        verdicts[left_track[0], "cadence.track"]["rules"] for verdicts in (before, after))
    assert rules_before != rules_after, "another table, but still %s" % rules_after


def copy_rules(folder, rows, until="9999"):
    """The rules in a folder of their own, their table cut off and rows added."""
    rules = pathlib.Path(folder, "rules")
    shutil.copytree(RULES / "windows", rules / "windows")
    table = rules / "windows" / "releases.csv"
    header, *lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join([header, *(line for line in lines if line <= until), rows]),
                     encoding="utf-8", newline="")
    return rules


def test_tables(fleet, _options):
    wrong = []
    for title, rows, build, at, track, step, named in TABLES:
        with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
            rules, facts = copy_rules(folder, rows, TABLE_ENDS), pathlib.Path(folder, "facts.json")
            facts.write_text(json.dumps({**CLIENT, "os": {
                "edition": "Enterprise", "build": build, "architecture": "x64",
                "installation": "Client"}}), encoding="utf-8")
            found = fleet.verdicts(at=at, rules=rules, facts=facts)
        on, then = found["C-1", "cadence.track"], found["C-1", "cadence.next_step"]
        said = on["reason"] or ""
        if (on["outcome"], then["outcome"]) != (track, step) or named not in said:
            wrong.append("%s: %s, %s: %s" % (title, on["outcome"], then["outcome"], said))
    assert not wrong, show(wrong)


def test_misspelt_versions(fleet, _options):
    with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
        rules = copy_rules(folder, OCTOBER.replace("24H2+25H2", "24H2 and later"))
        code, printed = fleet.run("check", rules)
    assert code != 0 and "releases.csv" in printed and "24H2 and later" in printed, printed


def test_routine_keeps_tests_green(fleet, _options):
    """The package's own tests hold whatever rows of later months are in its table."""
    for rows in ("", OCTOBER, OCTOBER + NOVEMBER):
        with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
            code, printed = fleet.run("test", copy_rules(folder, rows, TABLE_ENDS))
        assert code == 0, printed[-800:]


def test_never_late(fleet, options):
    """Of all devices: what is said to hold until later still does at each of these instants."""
    first, wrong = fleet.verdicts(), []
    for at in LATER[-1:] if options.quick else LATER:
        then = fleet.verdicts(at=at)
        wrong += ["%s %s: %s until %s, but other at %s" % (*key, line["outcome"],
                                                          line["valid_until"] or "ever", at)
                  for key, line in first.items()
                  if (line["valid_until"] is None or line["valid_until"] > at)
                  and any(line[part] != then[key][part] for part in LASTING)]
    assert not wrong, show(wrong)


def choose_device(fleet):
    """The device whose verdicts change oftenest between the two instants."""
    changes = collections.Counter()
    first = fleet.cadence(FOLLOW_FROM, FLEET, "--brief")
    for at in ("2026-08-12T00:00:00Z", "2026-09-01T00:00:00Z", "2026-09-10T00:00:00Z", FOLLOW_TO):
        then = fleet.cadence(at, FLEET, "--brief")
        changes.update(s for s, v in then if then[s, v]["outcome"] != first[s, v]["outcome"])
        first = then
    return changes.most_common(1)[0][0]


def lasting(verdicts):
    return {name: {key: line[key] for key in LASTING} for (_, name), line in verdicts.items()}


def test_followed_by_valid_until(fleet, options):
    subject = choose_device(fleet)
    with tempfile.TemporaryDirectory(prefix="muster-fleet-") as folder:
        facts = pathlib.Path(folder, "device.json")
        facts.write_text(next(line for line in FLEET.read_text(encoding="utf-8").splitlines()
                              if json.loads(line)["device"]["id"] == subject), encoding="utf-8")
        now, end, changes = seconds(FOLLOW_FROM), seconds(FOLLOW_TO), 0
        step = (41 if options.quick else 5) * 3600
        told = fleet.cadence(FOLLOW_FROM, facts)
        while now < end:
            until = min([seconds(line["valid_until"]) for line in told.values()
                         if line["valid_until"]] + [end])
            assert until > now, "valid until %s at %s" % (instant(until), instant(now))
            for asked in [*range(now, until, step), until - 1]:
                found = lasting(fleet.cadence(instant(asked), facts))
                assert found == lasting(told), "%s: told at %s until %s, but other at %s" % (
                    subject, instant(now), instant(until), instant(asked))
            now = until
            told, before = fleet.cadence(instant(now), facts), told
            changes += lasting(told) != lasting(before)
    assert changes >= 3, "%s changes only %d times" % (subject, changes)


TESTS = (test_histogram, test_every_outcome, test_sources, test_editions, test_params, test_pages,
         test_second_statement, test_made_again, test_one_more_row, test_tables,
         test_misspelt_versions, test_routine_keeps_tests_green, test_never_late,
         test_followed_by_valid_until)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muster", type=pathlib.Path, required=True)
    parser.add_argument("--update", action="store_true",
                        help="write histogram.json and the tables in the documents")
    parser.add_argument("--quick", action="store_true", help="fewer instants of a device's life")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="all, if none is named")
    options = parser.parse_args()
    tests = [test for test in TESTS
             if not options.tests or test.__name__.removeprefix("test_") in options.tests]
    gc.disable()  # nothing here goes in circles, and of what is kept there is much to go through
    fleet, failed = Fleet(options.muster.resolve()), 0
    for test in tests:
        try:
            test(fleet, options)
        except AssertionError as error:
            failed += 1
            print("%s:\n  %s" % (test.__name__, error))
    print("%d passed, %d failed" % (len(tests) - failed, failed))
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
