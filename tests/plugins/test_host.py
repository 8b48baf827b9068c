#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sources in the service: what they deliver is kept exactly once, in order, with its cursor in the
same transaction; they wait, fail, recover and stop as muster_source.h says. The probe plugin
asserts the plugin's side of it."""

import json
import os
import pathlib
import resource
import signal
import sqlite3
import subprocess

from fixture import PROGRAMS, Case, Clock, device, main_at_once, write_rules

MODULES = pathlib.Path(os.environ["MUSTER_TEST_PLUGINS"])
PROBE = MODULES / "muster-source-probe.so"


class Sources(Case):

    def config(self, name="probe", **settings):
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(settings))
        return path

    def probe(self, clock=None, name="probe", state=True, **settings):
        more = {} if state else {"state": "none"}
        return self.serve(clock, source=f"{PROBE}:{self.config(name, **settings)}", **more)

    def accepted(self, service, count, name="probe/probe"):
        service.wait_metric(f'source_records_accepted_total{{source="{name}"}}',
                            lambda n: n >= count)

    def test_flood(self):
        """More than fits anywhere: WAIT and resume, until all is kept; verdicts are those of the
        same records by HTTP."""
        service = self.probe(records=5000, batch=700)
        self.accepted(service, 5000)
        self.assertEqual(service.metrics()["subjects"], 5000)
        service.post([device("http", os={"build": "26100.5"}, vbs={"status": "running"})])
        kept = service.verdicts("D-4999"), service.verdicts("D-http")
        self.assertEqual([{name: v["outcome"] for name, v in one.items()} for one in kept],
                         [{"readiness": "ready", "release": kept[0]["release"]["outcome"]}] * 2)
        metrics = service.metrics()
        self.assertEqual(metrics['source_batches_total{source="probe/probe"}'], 8)
        self.assertEqual(metrics['source_good{source="probe/probe"}'], 1)
        self.assertEqual(metrics["records_accepted_total"], 5001)
        page = service.request("GET", "/")[1]
        self.assertIn("<th>Source probe/probe</th>", page)
        self.assertIn("5000 records kept, the last at 20", page)

    def kept(self):
        """The cursor in the state, and how many subjects there are."""
        state = sqlite3.connect(self.folder / "state.db")
        cursor = state.execute("SELECT value FROM meta WHERE key = 'source.probe/probe'")
        subjects = state.execute("SELECT count(*) FROM subject")
        found = int(cursor.fetchone()[0]), subjects.fetchone()[0]
        state.close()
        return found

    def test_killed_and_begun_again(self):
        """After kill -9 the cursor that is kept fits the records that are, and it goes on there."""
        service = self.probe(records=40000, batch=50, thread=True)
        self.accepted(service, 500)
        service.stop(signal.SIGKILL)
        cursor, subjects = self.kept()
        self.assertEqual(cursor, subjects)
        self.assertGreaterEqual(cursor, 500)
        more = cursor + 777
        self.config(records=more, batch=50)
        service.log.clear()
        service.start()
        self.assertIn("cursor=yes", service.wait_log("source_started"))
        self.accepted(service, 777)
        self.assertEqual(service.metrics()['source_records_accepted_total{source="probe/probe"}'],
                         777)
        self.assertEqual(service.stop(), 0)
        self.assertEqual(self.kept(), (more, more))

    def test_a_full_disk(self):
        """What cannot be kept is kept later, and the source need not know."""
        service = self.probe(Clock(self.folder, "2026-08-15T12:00:00Z"), records=100000, batch=10,
                             thread=True)
        self.accepted(service, 200)
        sizes = [os.path.getsize(path) for path in self.folder.glob("state.db*")]
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE,
                         (max(4096, min(size for size in sizes if size > 0)),
                          resource.RLIM_INFINITY))
        service.wait_metric("ready", lambda n: n == 0)
        stuck = service.metrics()
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        service.wait_log("state_recovered")
        self.accepted(service, stuck['source_records_accepted_total{source="probe/probe"}'] + 100)
        metrics = service.metrics()
        self.assertGreater(metrics["records_retried_total"], 0)
        # In order and without a hole: as many subjects as records.
        self.assertEqual(metrics["subjects"], metrics["records_accepted_total"])

    def test_failures(self):
        """A source that fails is made anew after a while and goes on behind its cursor."""
        service = self.probe(records=600, batch=200, fail_after=2, state=False)
        self.accepted(service, 600)
        self.assertIn('reason="as the test wants" again_in_s=1', service.wait_log("source_failed"))
        metrics = service.metrics()
        self.assertEqual(metrics['source_failures_total{source="probe/probe"}'], 1)
        self.assertEqual(metrics["subjects"], 600)
        self.assertEqual(metrics["records_accepted_total"], 600)

    def test_bad_records_and_the_end(self):
        """Bad ones are left out by themselves; a source that is finished is not begun again."""
        service = self.probe(records=300, batch=100, every=50, finite=True, state=False)
        service.wait_log("source_stopped")
        metrics = service.metrics()
        self.assertEqual(metrics['source_records_accepted_total{source="probe/probe"}'], 294)
        self.assertEqual(metrics['source_records_rejected_total{source="probe/probe"}'], 6)
        self.assertIn("records=2 batch_line=1 ", service.wait_log("source_rejected"))
        self.assertEqual(metrics['source_failures_total{source="probe/probe"}'], 0)

    def test_stopping(self):
        """SIGTERM waits for a source that takes its time, with batches on their way."""
        service = self.probe(records=100000, batch=100, linger_ms=300)
        self.accepted(service, 100)
        self.assertEqual(service.stop(), 0)
        names = [line.split()[2] for line in service.log]
        self.assertLess(names.index("draining"), names.index("source_stopped"))
        self.assertLess(names.index("source_stopped"), names.index("ended"))

    def test_several(self):
        """Sources of different plugins, and two of one plugin, side by side."""
        program = self.config("program", argv=["/bin/echo", '{"device":{"id":"D-echo"}}'])
        service = self.serve(None, state="none", source=[
            f"{PROBE}:{self.config('first', records=10)}", f"exec:{program}",
            f"{PROBE}:{self.config('second', records=20)}"])
        for name, count in {"probe/first": 10, "exec/program": 1, "probe/second": 20}.items():
            self.accepted(service, count, name)
        self.assertEqual(service.metrics()["subjects"], 21)

    def test_observed(self):
        """The time of a batch is that of its groups; one too far ahead is the arrival."""
        clock = Clock(self.folder, "2026-08-15T12:00:00Z")
        service = self.serve(clock, state="none", source=f"{PROBE}:" + str(
            self.config(records=1, observed_s=clock.seconds - 3600)))
        self.accepted(service, 1)
        self.assertEqual(service.get("/v1/subjects/D-0")["groups"]["os"]["observed"],
                         "2026-08-15T11:00:00Z")

    def test_refused_at_the_start(self):
        rules = write_rules(self.folder)
        config = self.config(records="many")
        cases = {
            "nobody": "there is no plugin muster-source-nobody.so in ",
            f"{PROBE}:{config}": "its configuration: 'records' must be a whole number",
            f"{PROBE}:{config}x": f"its configuration: cannot open '{config}x': No such file",
            "exec": "it needs a configuration: 'argv' is missing",
            str(MODULES / "muster-source-older_abi.so"):
                "it was made for version 0.7 of the plugin ABI",
            str(MODULES / "muster-source-refuses.so"): "the secret file cannot be read",
        }
        for source, says in cases.items():
            with self.subTest(source):
                done = subprocess.run(
                    [PROGRAMS.muster, "serve", str(rules), "--listen=none", "--http=none",
                     "--state=none", f"--source={source}"],
                    capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 3)
                self.assertIn(f"source_refused source={source} reason=\"{says}", done.stderr)
        good = self.config("good", records=1)
        done = subprocess.run(
            [PROGRAMS.muster, "serve", str(rules), "--listen=none", "--http=none", "--state=none",
             f"--source={PROBE}:{good}", f"--source={PROBE}:{good}"],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("another source has the same name", done.stderr)


if __name__ == "__main__":
    main_at_once()
