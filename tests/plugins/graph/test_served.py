#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The service with its sources against a stand-in for Graph, from an empty state to the verdicts
of a fleet: killed in mid-round, and equal in the end to what is computed directly."""

import json
import re
import signal
import subprocess
import time
import urllib.request

from source_fixture import ENVIRONMENT, PROGRAMS, ROOT, WAIT_S, Case, main

RULES = str(ROOT / "stdlib-rules" / "windows" / "hotpatch.muster")
DEVICES = 220


class Service:

    def __init__(self, folder, sources):
        self.log = open(folder / "log", "a+", encoding="utf-8")  # pylint: disable=R1732
        self.start = self.log.tell()
        arguments = [f"--source={source}" for source in sources]
        self.process = subprocess.Popen(
            [PROGRAMS.muster, "serve", RULES, "--listen", "tcp://127.0.0.1:0", "--http",
             "127.0.0.1:0", "--state", str(folder / "state.db"), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log, cwd=folder,
            env=ENVIRONMENT)
        self.wait(r" ready [^\n]*\n")
        self.port = int(re.search(r"address=http://[0-9.]+:(\d+)", self.text())[1])
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def text(self):
        self.log.seek(self.start)
        return self.log.read()

    def wait(self, pattern):
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            found = re.search(pattern, self.text())
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no {pattern} in the log:\n{self.text()}")

    def get(self, path):
        with self.opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=WAIT_S) as answer:
            return answer.read().decode()

    def subjects(self):
        return int(re.search(r"^muster_subjects (\d+)", self.get("/metrics"), re.MULTILINE)[1])

    def stop(self, how=signal.SIGTERM):
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(WAIT_S)
        return code


class Served(Case):

    def sources(self, **more):
        for plugin in ("intune", "autopatch"):
            config = self.config(connections=4, **more)
            path = self.folder / f"{plugin}.json"
            path.write_text(json.dumps(config), encoding="utf-8")
            yield f"{plugin}:{path}"

    def serve(self, **more):
        service = Service(self.folder, self.sources(**more))
        self.addCleanup(service.log.close)
        self.addCleanup(service.stop, signal.SIGKILL)
        return service

    def test_both_sources_and_a_kill(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.begin(devices=DEVICES, page=50, now=now)
        service = self.serve(requests=150, every_s=60)
        end = time.monotonic() + WAIT_S
        while self.graphd.counts().get("device", 0) < DEVICES // 2 and time.monotonic() < end:
            time.sleep(0.02)
        service.stop(signal.SIGKILL)
        service = self.serve(every_s=60)
        service.wait("full round")
        service.wait("devices given")
        truth = self.graphd.truth()
        end = time.monotonic() + WAIT_S
        while service.subjects() < len(truth) and time.monotonic() < end:
            time.sleep(0.05)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        found = {name: json.loads(service.get(f"/v1/subjects/{name}")) for name in truth}
        self.assertEqual(service.stop(), 0)
        served = {(name, v["verdict"]): (v["outcome"], v["check"])
                  for name, answer in found.items() for v in answer["verdicts"]}
        self.assertEqual(served, self.computed(truth, at))
        self.assertLessEqual(self.graphd.control()["asked_again"], 50, "at most a page")
        log = (self.folder / "log").read_text(encoding="utf-8")
        self.assertNotIn(self.graphd.secret(), log)

    def computed(self, truth, at):
        records = []
        for record in truth.values():
            if record["autopatch"]:
                record["autopatch"]["readAt"] = at
            else:
                del record["autopatch"]
            records.append(json.dumps(record) + "\n")
        found = subprocess.run([PROGRAMS.muster, "eval", RULES, "--at", at, "--brief"], check=True,
                               input="".join(records), stdout=subprocess.PIPE, text=True).stdout
        lines = map(json.loads, found.splitlines())
        return {(v["subject"], v["verdict"]): (v["outcome"], v["check"]) for v in lines}


if __name__ == "__main__":
    main()
