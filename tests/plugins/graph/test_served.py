#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The service with its sources against a stand-in for Graph, from an empty state to the verdicts
of a fleet: killed in mid-round, and equal in the end to what is computed directly."""

import json
import re
import signal
import subprocess
import time
import unittest
import urllib.request

from source_fixture import ENVIRONMENT, PROGRAMS, ROOT, WAIT_S, Case, main

RULES = str(ROOT / "stdlib-rules" / "windows" / "hotpatch.muster")


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

    def wait(self, pattern, seconds=WAIT_S):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self.text())
            if found:
                return found
            time.sleep(0.02 if seconds == WAIT_S else 1)
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


class Fleet(Case):
    """What a fleet goes through; the sizes are those of the classes below."""

    def sources(self, budgets):
        for plugin in ("intune", "autopatch"):
            config = self.config(**budgets.get(plugin, {}))
            path = self.folder / f"{plugin}.json"
            path.write_text(json.dumps(config), encoding="utf-8")
            yield f"{plugin}:{path}"

    def serve(self, budgets):
        service = Service(self.folder, self.sources(budgets))
        self.addCleanup(service.log.close)
        self.addCleanup(service.stop, signal.SIGKILL)
        return service

    def follow(self, devices, limits, before, after, seconds):
        """Killed when half of the devices were asked for; `before` and `after` are budgets."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.begin(devices=devices, now=now, **limits)
        service = self.serve(before)
        end = time.monotonic() + seconds
        while self.graphd.counts().get("device", 0) < devices // 2 and time.monotonic() < end:
            time.sleep(0.02 if seconds == WAIT_S else 1)
        service.stop(signal.SIGKILL)
        service = self.serve(after)
        service.wait("full round", seconds)
        service.wait("devices given", seconds)
        truth = self.graphd.truth()
        end = time.monotonic() + seconds
        while service.subjects() < len(truth) and time.monotonic() < end:
            time.sleep(0.05)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        found = {name: json.loads(service.get(f"/v1/subjects/{name}")) for name in truth}
        self.assertEqual(service.stop(), 0)
        served = {(name, v["verdict"]): (v["outcome"], v["check"])
                  for name, answer in found.items() for v in answer["verdicts"]}
        self.assertTrue(served == self.computed(truth, at))  # a difference might have no end
        asked = self.graphd.control()
        self.assertLessEqual(asked["asked_again"], limits["page"], "at most a page")
        log = (self.folder / "log").read_text(encoding="utf-8")
        self.assertNotIn(self.graphd.secret(), log)
        return len(truth), asked

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


class Served(Fleet):

    def test_both_sources_and_a_kill(self):
        fast = {"connections": 4, "every_s": 60}
        slow = {**fast, "requests": 150}
        self.follow(220, {"page": 50}, {"intune": slow, "autopatch": slow},
                    {"intune": fast, "autopatch": fast}, WAIT_S)


@unittest.skipUnless(PROGRAMS.devices, "the large run is asked for by --devices N")
class Large(Fleet):
    """A fleet of any size. graphd enforces the documented 2000 requests, in a window of 2 seconds
    instead of 20; the two sources may ask nearly all of that."""

    def test_a_large_fleet(self):
        began = time.monotonic()
        budgets = {"intune": {"requests": 1500, "window_s": 2, "connections": 32, "every_s": 3600},
                   "autopatch": {"requests": 400, "window_s": 2, "every_s": 3600}}
        count, asked = self.follow(PROGRAMS.devices, {"page": 1000, "limit": 2000, "window": 2.0},
                                   budgets, budgets, 3600)
        print(f"{count} devices in {time.monotonic() - began:.0f} s; {asked}")
        self.assertLessEqual(asked["most_in_window"], 2000)
        self.assertNotIn("throttled", asked["counts"])


if __name__ == "__main__":
    main()
