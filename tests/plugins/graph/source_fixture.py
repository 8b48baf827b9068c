# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Graph, and a source that asks it, for the tests of plugins. Everything is of the
standard library."""

import argparse
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
GRAPHD = HERE.parent / "graphd" / "graphd.py"
WAIT_S = 60

# Options of graphd for each test; what a test needs otherwise it says.
DEFAULTS = {"devices": 250, "seed": 1, "page": 100, "limit": 2000, "window": 20.0,
            "token_seconds": 3599, "token_grace": 0, "now": "2026-08-14T12:00:00Z"}

# A clean environment: no proxy for localhost, and the secret of one test.
ENVIRONMENT = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}


def options():
    """The programs under test; what follows is for unittest."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--muster", required=True)
    parser.add_argument("--driver", required=True, help="source_driver")
    parser.add_argument("--plugins", required=True, type=pathlib.Path, help="their folder")
    parser.add_argument("--devices", type=int, default=0, help="of the large run; 0: leave it out")
    parser.add_argument("--slow", action="store_true", help="all tests, not only the quick ones")
    known, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    known.muster, known.driver = map(os.path.abspath, (known.muster, known.driver))
    return known


PROGRAMS = options()

slow = unittest.skipUnless(PROGRAMS.slow, "it is asked for by --slow")


class Graphd:
    """The stand-in: one process for all tests of a file."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen([sys.executable, "-B", str(GRAPHD), "--folder", folder])
        place = folder / "graphd.json"
        end = time.monotonic() + WAIT_S
        while not place.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("graphd did not start")
            time.sleep(0.02)
        self.place = json.loads(place.read_text(encoding="ascii"))
        self.context = ssl.create_default_context(cafile=folder / "ca.pem")
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                                  urllib.request.HTTPSHandler(context=self.context))

    def control(self, **wanted):
        request = urllib.request.Request(self.place["url"] + "/control",
                                         json.dumps(wanted).encode())
        with self.opener.open(request, timeout=WAIT_S) as answer:
            return json.load(answer)

    def counts(self):
        return self.control()["counts"]

    def secret(self):
        return (self.folder / "secret").read_text("ascii").strip()

    def truth(self):
        """What a client should have arrived at: records by device id."""
        return {record["device"]["id"]: record for record in self.control(truth=True)}

    def stop(self):
        self.process.terminate()
        self.process.wait(WAIT_S)


class Source:
    """A plugin in source_driver."""

    def __init__(self, plugin, config, state, waits=0, env=None):
        self.state = state
        path = pathlib.Path(f"{state}.json")
        path.write_text(json.dumps(config), encoding="utf-8")
        plugin = PROGRAMS.plugins / f"muster-source-{plugin}.so"
        self.log = []
        self.process = subprocess.Popen(
            [PROGRAMS.driver, str(plugin), str(path), str(state), str(waits)],
            stderr=subprocess.PIPE, text=True, env={**ENVIRONMENT, **(env or {})})
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()

    def read_log(self):
        for line in self.process.stderr:
            with self.changed:
                self.log.append(line)
                self.changed.notify_all()
        with self.changed:
            self.log.append("")
            self.changed.notify_all()

    def text(self):
        return "".join(self.log)

    def wait(self, word, times=1, timeout=WAIT_S):
        """Until the log has so many lines with this word."""
        def is_there():
            return (sum(word in line for line in self.log) >= times
                    or (self.log and self.log[-1] == ""))
        with self.changed:
            self.changed.wait_for(is_there, timeout)
        if sum(word in line for line in self.log) < times:
            raise AssertionError(f"no {times} lines with '{word}':\n{self.text()}")

    def stop(self, how=signal.SIGTERM):
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(WAIT_S)
        self.reader.join(WAIT_S)
        self.process.stderr.close()
        return code

    def records(self):
        path = pathlib.Path(f"{self.state}.ndjson")
        if not path.exists():
            return []
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def facts(self, group):
        """By device, as a service keeps it: the newest of the group; null clears it."""
        kept = {}
        for record in self.records():
            kept[record["device"]["id"]] = record[group]
        return {name: value for name, value in kept.items() if value is not None}


class Case(unittest.TestCase):
    """Each test has a folder and a stand-in that begins anew."""

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.graphd = Graphd(pathlib.Path(place.name))
        cls.addClassCleanup(cls.graphd.stop)

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def begin(self, *faults, **wanted):
        self.graphd.control(reset={**DEFAULTS, **wanted}, faults=list(faults))

    def config(self, **wanted):
        place = self.graphd.place
        config = {"tenant": place["tenant"], "client_id": place["client_id"],
                  "client_secret_file": str(self.graphd.folder / "secret"),
                  "authority": place["url"], "graph": place["url"],
                  "ca_file": str(self.graphd.folder / "ca.pem"), "backoff_s": 0.02,
                  "requests": 2000, "window_s": 2, "every_s": 0.1, **wanted}
        return {name: value for name, value in config.items() if value is not None}

    def source(self, plugin, state="state", waits=0, env=None, **wanted):
        source = Source(plugin, self.config(**wanted), self.folder / state, waits, env)
        self.addCleanup(lambda: source.process.poll() is None and source.stop(signal.SIGKILL))
        return source

    def end(self, source):
        """Stops it, and nothing secret was written."""
        self.assertEqual(source.stop(), 0, source.text())
        self.assertNotIn(self.graphd.secret(), source.text())
        self.assertNotIn("Bearer", source.text())


def main():
    unittest.main(verbosity=2)
