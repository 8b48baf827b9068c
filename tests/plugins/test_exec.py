#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The exec source: programs on a schedule and kept running, whatever they print, however they
end."""

import json
import os
import time

from fixture import Case, main_at_once

GOOD = 'i=0; while [ $i -lt %d ]; do echo "{\\"device\\":{\\"id\\":\\"D-$i\\"}}"; i=$((i+1)); done'


class Exec(Case):

    def run_script(self, script, **settings):
        config = self.folder / "script.json"
        config.write_text(json.dumps({"argv": ["/bin/sh", "-c", script], **settings}))
        return self.serve(None, state="none", source=f"exec:{config}")

    def wait_accepted(self, service, count):
        service.wait_metric('source_records_accepted_total{source="exec/script"}',
                            lambda n: n >= count)

    def test_on_a_schedule(self):
        service = self.run_script("echo '{\"device\":{\"id\":\"D-'$$'\"}}'", every_s=1)
        self.wait_accepted(service, 2)
        self.assertEqual(service.metrics()['source_good{source="exec/script"}'], 1)
        self.assertIn("'/bin/sh' ended with 0", service.wait_log("source:exec/script"))

    def test_many_lines_and_a_last_one(self):
        """More than a batch; the last line without its newline; standard error in the log."""
        service = self.run_script(
            GOOD % 2500 + "; echo to \"'people'\" >&2; printf '{\"device\":{\"id\":\"last\"}}';"
            " sleep 60")
        self.wait_accepted(service, 2500)
        self.assertIn("stderr=\"to 'people'\"", service.wait_log("source:exec/script"))
        self.assertEqual(service.request("GET", "/v1/subjects/last")[0], 404)
        self.assertEqual(service.stop(), 0)

    def test_it_is_begun_again(self):
        service = self.run_script(
            "printf '{\"device\":{\"id\":\"D-'$$'\"}}'; exit 3")
        self.wait_accepted(service, 2)
        self.assertIn("'/bin/sh' ended with 3", service.wait_log("source_health"))
        self.assertEqual(service.metrics()['source_good{source="exec/script"}'], 0)

    def test_long_lines(self):
        """A line that is no record for its length is left out, the next one is not."""
        service = self.run_script("head -c 3000000 /dev/zero | tr '\\0' x; echo;"
                                  + GOOD % 3 + "; sleep 60")
        self.wait_accepted(service, 3)
        self.assertIn("a line of more than 1 MiB", service.wait_log("source:exec/script"))

    def test_nothing_is_left(self):
        """Neither a program that ignores SIGTERM nor what it has begun outlives the service."""
        pids = self.folder / "pids"
        service = self.run_script(
            f"trap '' TERM; sleep 600 & echo $$ $! > {pids}.new; mv {pids}.new {pids};"
            " while :; do sleep 600; done")
        end = time.monotonic() + 30
        while not pids.exists() and time.monotonic() < end:
            time.sleep(0.01)
        started = time.monotonic()
        self.assertEqual(service.stop(), 0)
        self.assertLess(time.monotonic() - started, 9)
        for pid in pids.read_text().split():
            with self.assertRaises(OSError):
                os.kill(int(pid), 0)
                state = open(f"/proc/{pid}/stat", encoding="ascii").read().split()[2]
                if state == "Z":  # nobody's child any more, and nobody has looked
                    raise ProcessLookupError

    def test_no_such_program(self):
        config = self.folder / "none.json"
        config.write_text(json.dumps({"argv": ["/no/such/program"]}))
        service = self.serve(None, state="none", source=f"exec:{config}")
        self.assertIn("cannot run '/no/such/program': No such file or directory",
                      service.wait_log("source_health"))

    def test_a_run_that_hangs(self):
        service = self.run_script("sleep 600", every_s=1, timeout_s=1)
        line = service.wait_log("source_health")
        self.assertIn("'/bin/sh' was ended by signal 15 (Terminated)", line)


if __name__ == "__main__":
    main_at_once()
