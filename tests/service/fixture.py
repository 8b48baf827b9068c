# SPDX-License-Identifier: Apache-2.0
"""A running service for a test: started on ports of its own, with the machine's clock or one that
the test sets; asked over its sockets and over HTTP. Everything is of the standard library."""

import argparse
import calendar
import concurrent.futures
import http.client
import json
import mmap
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
WAIT_S = 30

RULES = """module fleet.ready version %(version)s

facts device { id: text }

facts os stale after 10 days { build: version  edition: text }

facts vbs { status: text }

facts licence from "licence.assigned" { plan: text }

subject device.id

policy readiness "Readiness" {
  pass ready "Ready"  fail not_ready "Not ready ({check})"  unknown open "Open ({check})"
  check build "Build" {
    require os.build within 26100
    require os.build >= %(build)s
    reason "The build is {os.build}."
  }
  check vbs "VBS" { require vbs.status == "running" }
  advise edition { require os.edition == "Enterprise" }
  advise plan    { require licence.plan == "E3" }
}

decision release "What comes" {
  when now >= 2026-09-08T17:00:00Z then september "September"
  otherwise                             august "August"
}
"""


def options():
    """The programs under test; what follows is for unittest."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--muster", required=True)
    parser.add_argument("--clocked", required=True, help="serve_clock")
    parser.add_argument("--soak", action="store_true", help="large numbers: minutes, not seconds")
    known, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    known.muster, known.clocked = map(os.path.abspath, (known.muster, known.clocked))
    return known


PROGRAMS = options()


def instant(text):
    """Seconds since 1970 of 2026-09-08T17:00:00Z."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


class Clock:
    """Seconds in a mapped file."""

    def __init__(self, folder, text):
        self.path = str(folder / "clock")
        with open(self.path, "wb") as file:
            file.write(bytes(8))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8)
        self.set(text)

    def set(self, when):
        self.seconds = instant(when) if isinstance(when, str) else when
        self.map[:] = struct.pack("=q", self.seconds)


class Service:
    """One process. Settings are written with '_' for '-'."""

    def __init__(self, folder, clock=None, rules=None, **settings):
        self.folder = folder
        self.settings = {"listen": "tcp://127.0.0.1:0", "http": "127.0.0.1:0",
                         "state": str(folder / "state.db"), **settings}
        self.clock = clock
        self.rules = rules or write_rules(folder)
        self.log = []
        self.start()

    def command(self):
        if self.clock:
            pairs = [f"{name.replace('_', '-')}={value}" for name, value in self.settings.items()]
            return [PROGRAMS.clocked, self.clock.path, str(build(self.rules)), *pairs]
        pairs = [f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}")
                 for name, given in self.settings.items()
                 for value in (given if isinstance(given, list) else [given])]
        return [PROGRAMS.muster, "serve", str(self.rules), *pairs]

    def start(self):
        self.ports = {}
        # as users start it: the tests' own environment keeps GnuTLS from setting itself up
        environment = {key: value for key, value in os.environ.items() if "GNUTLS" not in key}
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, cwd=self.folder,
                                        env=environment)
        self.is_ready = threading.Event()
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        if not self.is_ready.wait(WAIT_S) or not self.ports.get("ready"):
            raise AssertionError("the service did not start:\n" + "".join(self.log))

    def read_log(self):
        for line in self.process.stderr:
            self.log.append(line)
            match = re.search(r"address=(\w+)://.*:(\d+)", line)
            if match and " listening " in line:
                self.ports[match[1]] = int(match[2])
            if " ready " in line:
                self.ports["ready"] = True
                self.is_ready.set()
        self.is_ready.set()

    def wait_log(self, event, timeout=WAIT_S):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for line in self.log:
                if f" {event} " in line:
                    return line
            time.sleep(0.01)
        raise AssertionError(f"no {event} in the log:\n" + "".join(self.log))

    def stop(self, how=signal.SIGTERM):
        """Returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the service did not end:\n" + "".join(self.log)) from None
        self.reader.join(WAIT_S)
        self.process.stderr.close()
        return code

    def connect(self):
        return Stream(socket.create_connection(("127.0.0.1", self.ports["tcp"]), WAIT_S))

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=WAIT_S)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text.decode()

    def get(self, path):
        status, text = self.request("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {text}")
        return json.loads(text)

    def post(self, records, path="/v1/facts"):
        status, text = self.request("POST", path, lines(records))
        if status != 200:
            raise AssertionError(f"POST {path}: {status} {text}")
        return json.loads(text)

    def verdicts(self, subject):
        found = self.get(f"/v1/subjects/{subject}")["verdicts"]
        return {verdict["verdict"]: verdict for verdict in found}

    def metrics(self):
        _status, text = self.request("GET", "/metrics")
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line[:1] != "#")
        return {name.removeprefix("muster_"): float(value) for name, value in pairs}

    def wait_metric(self, name, enough, timeout=WAIT_S):
        end = time.monotonic() + timeout
        value = None
        while time.monotonic() < end:
            value = self.metrics().get(name)
            if value is not None and enough(value):
                return value
            time.sleep(0.02)
        raise AssertionError(f"{name} is {value}")

    def changes(self, after, count):
        """The next events of /v1/changes, each as (id, kind, data)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=WAIT_S)
        connection.request("GET", f"/v1/changes?after={after}")
        answer = connection.getresponse()
        events, event = [], {}
        while len(events) < count:
            line = answer.readline().decode().rstrip("\n")
            name, _colon, value = line.partition(": ")
            if line == "" and "data" in event:
                events.append((int(event["id"]), event.get("event", "change"),
                               json.loads(event["data"])))
                event = {}
            elif value:
                event[name] = value
        connection.close()
        return events


class Stream:
    """A connection that sends records."""

    def __init__(self, sock):
        self.sock = sock
        self.file = sock.makefile("rb")

    def send(self, records):
        self.sock.sendall(lines(records))

    def read(self, count):
        found = [self.file.readline() for _ in range(count)]
        return [json.loads(line) for line in found]

    def rest(self):
        """Sends no more; all that still comes."""
        self.sock.shutdown(socket.SHUT_WR)
        found = [json.loads(line) for line in self.file]
        self.close()
        return found

    def close(self):
        self.file.close()
        self.sock.close()


class Normal:
    """Sends a record every so often and notes how long its verdicts take."""

    def __init__(self, service):
        self.stream, self.times, self.is_over = service.connect(), [], threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.is_over.wait(0.01):
            begin = time.monotonic()
            self.stream.send([device("normal", os={"build": "26100.5"}, seq=len(self.times))])
            found = self.stream.read(2)
            assert [v["seq"] for v in found] == [len(self.times)] * 2
            self.times.append(time.monotonic() - begin)

    def end(self):
        self.is_over.set()
        self.thread.join(WAIT_S)
        self.stream.close()
        return sorted(self.times)


def lines(records):
    if isinstance(records, bytes):
        return records
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write_rules(folder, version="2026.8", build="26100.1", name="ready.muster"):
    path = folder / "fleet"
    path.mkdir(exist_ok=True)
    path = path / name
    path.write_text(RULES % {"version": version, "build": build}, encoding="utf-8")
    return path


def build(rules):
    """The image of a rule file, beside it; an image is itself."""
    if str(rules).endswith(".musterc"):
        return rules
    image = pathlib.Path(str(rules) + "c")
    subprocess.run([PROGRAMS.muster, "build", str(rules), "-o", str(image)], check=True,
                   stdout=subprocess.DEVNULL)
    return image


def share(times, part):
    """Of sorted times, the one that so many are not above."""
    return times[min(len(times) - 1, int(len(times) * part))]


def device(number, **groups):
    return {"device": {"id": f"D-{number}"}, **groups}


class Case(unittest.TestCase):
    """Each test has a folder; services are stopped at its end and must have ended well."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def serve(self, *arguments, **settings):
        service = Service(self.folder, *arguments, **settings)
        self.addCleanup(self.end, service)
        return service

    def end(self, service):
        if not service.process.stderr.closed:
            code, log = service.stop(), "".join(service.log)
            self.assertEqual(code, 0, log)
            self.assertNotIn("handle_left", log)


def main():
    unittest.main(verbosity=2)


def run_alone(test):
    result = unittest.TestResult()
    test.run(result)
    return test, result


def main_at_once():
    """All tests of the program at the same time: for those that mostly wait. With arguments as
    main()."""
    if len(sys.argv) > 1:
        main()
    suites = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    is_good = True
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for test, result in pool.map(run_alone, (test for suite in suites for test in suite)):
            print(test, "ok" if result.wasSuccessful() else "FAILED")
            for part, text in result.failures + result.errors:
                print(f"{part}\n{text}")
            is_good = is_good and result.wasSuccessful()
    sys.exit(not is_good)
