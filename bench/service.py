#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a record costs `muster serve`: processor time of the service for each record of about 1,000
bytes, its memory, and how long a record takes, at several sizes of the fleet.

    bench/service.py --muster build/muster [--subjects 100000,1000000]
                     [--durability full,none] [--rate 20000] [--seconds 20]

The rules have three verdicts. The load generator sends in an open loop; its own time is not
counted. Use a Release build, and a machine that does nothing else."""

import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

RULES = """module bench.service version 1.0
facts device { id: text }
facts os stale after 28 days { build: version  edition: text }
facts vbs { status: text }
facts licence from "licence.assigned" { plan: text }
subject device.id
policy readiness "Readiness" {
  pass ready  fail not_ready  unknown open
  check build { require os.build within 26100 or os.build within 26200 reason "It is {os.build}." }
  check vbs   { require vbs.status == "running" reason "VBS is {vbs.status}." }
}
policy licensed "Licence" {
  pass yes  fail no  unknown open
  check plan { require licence.plan in {"E3", "E5"} }
  check edition { require os.edition == "Enterprise" }
}
decision step "Next" {
  when os.build within 26100.4946 then nothing
  when readiness == ready         then update
  otherwise                            look
}
"""
VERDICTS = 3


def processor_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def anonymous_bytes(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) << 10 for line in file if line.startswith("Anonymous:"))


def start(arguments, folder, durability, subjects):
    (folder / "bench.muster").write_text(RULES, encoding="utf-8")
    process = subprocess.Popen(
        [arguments.muster, "serve", str(folder / "bench.muster"), "--listen=tcp://127.0.0.1:0",
         "--http=none", f"--state={folder / 'state.db'}", f"--durability={durability}",
         f"--max-subjects={subjects + 10}"],
        stderr=subprocess.PIPE, text=True)
    port = None
    for line in process.stderr:
        match = re.search(r"listening address=tcp://127.0.0.1:(\d+)", line)
        port = match[1] if match else port
        if " ready " in line:
            return process, port, line
    raise SystemExit("the service did not start")


def load(arguments, port, subjects, *more):
    command = [str(arguments.load), port, str(subjects), str(arguments.rate),
               str(arguments.seconds), "4", str(VERDICTS), *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(arguments, durability, subjects):
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        process, port, _line = start(arguments, folder, durability, subjects)
        rate = arguments.rate
        arguments.rate = 1000000
        before = processor_s(process.pid)
        first = load(arguments, port, subjects, "first")
        first_us = (processor_s(process.pid) - before) * 1e6 / subjects
        arguments.rate = rate
        before = processor_s(process.pid)
        found = load(arguments, port, subjects)
        cost_us = (processor_s(process.pid) - before) * 1e6 / found["records"]
        memory = anonymous_bytes(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait()
        begin = time.monotonic()
        process, _port, _line = start(arguments, folder, durability, subjects)
        started = time.monotonic() - begin
        process.send_signal(signal.SIGTERM)
        process.wait()
        size = (folder / "state.db").stat().st_size
    print(f"{durability:10} {subjects:>9,} {first_us:8.1f} {first['rate']:>9,.0f} "
          f"{cost_us:8.1f} {found['rate']:>9,.0f} {found['p50_ms']:8.2f} {found['p99_ms']:8.2f} "
          f"{memory / subjects:9.0f} {size >> 20:>7,} {started:7.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--muster", required=True)
    parser.add_argument("--subjects", default="100000,1000000")
    parser.add_argument("--durability", default="full,none")
    parser.add_argument("--rate", type=int, default=20000)
    parser.add_argument("--seconds", type=int, default=20)
    arguments = parser.parse_args()
    place = tempfile.TemporaryDirectory()
    arguments.load = pathlib.Path(place.name) / "service_load"
    source = pathlib.Path(__file__).with_name("service_load.c")
    subprocess.run(["cc", "-std=c11", "-O2", "-D_POSIX_C_SOURCE=200809L", str(source), "-o",
                    str(arguments.load)], check=True)
    print("durability  subjects first-us   first/s   cost-us  records/s   p50-ms   p99-ms  "
          "bytes/subj  db-MiB start-s")
    for durability in arguments.durability.split(","):
        for subjects in map(int, arguments.subjects.split(",")):
            measure(arguments, durability, subjects)
    place.cleanup()


if __name__ == "__main__":
    main()
