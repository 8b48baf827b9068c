#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""When the state cannot be written to: nothing is acknowledged that is not kept, everything says
so, and it recovers by itself. The disk is made full by a limit on the size of files."""

import json
import os
import resource

from fixture import Case, Clock, build, device, lines, main, write_rules


class Faults(Case):

    def limit(self, service, size):
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE,
                         (size, resource.RLIM_INFINITY))

    def fill(self, service):
        sizes = [os.path.getsize(path) for path in self.folder.glob("state.db*")]
        self.limit(service, max(4096, min(size for size in sizes if size > 0)))

    def test_a_full_disk_and_after(self):
        clock = Clock(self.folder, "2026-08-15T12:00:00Z")
        service = self.serve(clock)
        service.post([device(i, os={"build": "26100.5"}, vbs={"status": "running"})
                      for i in range(300)])
        before = service.metrics()
        self.fill(service)
        new = [device(i, os={"build": "26100.0"}) for i in range(280, 320)]
        status, text = service.request("POST", "/v1/facts", lines(new) + b"nonsense\n")
        self.assertEqual(status, 503, text)
        answer = json.loads(text)
        self.assertEqual((answer["accepted"], answer["retry"], answer["rejected"]), (0, 41, 0))
        # Everywhere it is as it was before.
        self.assertEqual(service.request("GET", "/readyz")[0], 503)
        self.assertEqual(service.verdicts("D-290")["readiness"]["outcome"], "ready")
        self.assertEqual(service.request("GET", "/v1/subjects/D-310")[0], 404)
        after = service.metrics()
        for name in ("subjects", "change_sequence", "timers",
                     'subjects_by_verdict{verdict="readiness",outcome="ready",check=""}'):
            self.assertEqual(after[name], before[name], name)
        self.assertEqual((after["ready"], after["records_retried_total"]), (0, 41))
        self.assertGreaterEqual(after["commits_failed_total"], 1)
        stream = service.connect()
        stream.send([device(1, seq=77), device(2)])
        found = stream.read(2)
        self.assertEqual([(v["error"], v.get("seq")) for v in found],
                         [("retry", 77), ("retry", None)])
        # They are not read for that: what is wrong in them costs nothing.
        stream.send([device(1, observed={"os": "2026-08-15T12:00:00Z"})] * 2)
        for record in b'{"observed":{"os":"\\x"},"seq":2}\n', b'{"observed.os":"\\x"}\n':
            stream.sock.sendall(50 * record)
        self.assertEqual({v["error"] for v in stream.read(102)}, {"retry"})
        self.assertEqual(service.request("DELETE", "/v1/subjects/D-1")[0], 503)
        # Time that passes meanwhile is made up.
        clock.set("2026-09-08T17:00:00Z")
        self.limit(service, resource.RLIM_INFINITY)
        service.wait_log("state_recovered")
        service.wait_metric("evaluations_due_total", lambda n: n >= 300)
        self.assertEqual(service.verdicts("D-290")["release"]["since"], "2026-09-08T17:00:00Z")
        self.assertEqual(service.post(new)["accepted"], 40)
        stream.send([device(1, seq=78)])
        self.assertEqual(stream.read(2)[1]["seq"], 78)
        stream.close()
        service.stop()
        again = self.serve(clock)
        self.assertEqual(again.metrics()["subjects"], 320)
        self.assertEqual(again.verdicts("D-310")["readiness"]["outcome"], "not_ready")

    def test_what_a_full_disk_took_back_is_not_counted(self):
        service = self.serve()
        fleet = [device(i, os={"build": "26100.5"}, vbs={"status": "running"})
                 for i in range(300)]
        service.post(fleet)
        before = service.metrics()
        self.fill(service)
        new = [device(i, os={"build": "26100.0", "observed": "2000-01-01T00:00:00Z"})
               for i in range(300, 600)]
        self.assertEqual(service.request("POST", "/v1/facts", lines(new))[0], 503)
        self.limit(service, resource.RLIM_INFINITY)
        service.wait_log("state_recovered")
        # What is kept now turns nothing: the feed ends where it ended.
        service.post(fleet)
        after = service.metrics()
        for name in ("change_sequence", "changes_total", "observed_ahead_total"):
            self.assertEqual(after[name], before[name], name)
        last = int(before["change_sequence"])
        service.post(new[:1])
        self.assertEqual([(number, kind) for number, kind, _data in service.changes(last, 2)],
                         [(last + 1, "change"), (last + 2, "change")])

    def test_rules_that_come_while_the_disk_is_full(self):
        service = self.serve(allow_unsigned=True)
        service.post([device(i, os={"build": "26100.5"}, vbs={"status": "running"})
                      for i in range(300)])
        image = build(write_rules(self.folder, "2026.9", "26100.6", "newer.muster")).read_bytes()
        self.fill(service)
        self.assertEqual(service.request("PUT", "/v1/rules", image)[0], 200)
        service.wait_log("state_failed")
        self.limit(service, resource.RLIM_INFINITY)
        service.wait_log("state_recovered")
        # Each subject is evaluated by them, those too that had been and were taken back.
        service.wait_metric(
            'subjects_by_verdict{verdict="readiness",outcome="not_ready",check="build"}',
            lambda n: n == 300)
        self.assertEqual(service.metrics()["evaluations_rules_total"], 300)

    def test_a_flood_of_bad_records(self):
        service = self.serve()
        stream = service.connect()
        stream.send(b'{"device":{"id":"D-1"}}\n' + b"{]\n" * 100000 + b'{"device":{"id":"D-2"}}\n')
        found = stream.rest()
        self.assertEqual(len(found), 100004)
        self.assertEqual((found[0]["subject"], found[-1]["subject"]), ("D-1", "D-2"))
        self.assertEqual(found[-3]["line"], 100001)
        self.assertEqual(service.metrics()["records_rejected_total"], 100000)


if __name__ == "__main__":
    main()
