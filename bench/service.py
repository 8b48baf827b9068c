#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a record costs `muster serve`: processor time of the service for each record of about 1,000
bytes, its memory, and how long a record takes, at several sizes of the fleet.

    bench/service.py --muster build/muster [--subjects 100000,1000000]
                     [--durability full,none] [--other 10,1000]
                     [--rate 20000,100000] [--seconds 20] [--repeat 1]

The rules have three verdicts. Of a thousand updates, --other bring random facts, which turn 1.2
verdicts on average; the rest bring what the subject had, observed anew. The load generator sends
in an open loop; its own time is not counted. With --repeat each line is the median of so many
runs, and says how far apart their costs are. Use a Release build, and a machine that does nothing
else."""

import argparse
import itertools
import json
import os
import pathlib
import re
import signal
import statistics
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


def load(arguments, port, subjects, rate, other, *more):
    command = [str(arguments.load), port, str(subjects), str(rate), str(arguments.seconds), "4",
               str(VERDICTS), str(other), *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(arguments, durability, subjects, other, rate):
    """The columns of the table of one run."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        process, port, _line = start(arguments, folder, durability, subjects)
        before = processor_s(process.pid)
        first = load(arguments, port, subjects, 1000000, 0, "first")
        first_us = (processor_s(process.pid) - before) * 1e6 / subjects
        before = processor_s(process.pid)
        found = load(arguments, port, subjects, rate, other)
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
    return (cost_us, first_us, first["rate"], found["rate"], found["p50_ms"], found["p99_ms"],
            memory / subjects, size >> 20, started)


def report(durability, subjects, other, runs):
    medians = [statistics.median(column) for column in zip(*runs)]
    costs = [run[0] for run in runs]
    spread = f"{min(costs):.1f}-{max(costs):.1f}"
    cost, first, first_rate, rate, p50, p99, memory, size, started = medians
    print(f"{durability:10} {subjects:>9,} {other:>5} {first:8.1f} {first_rate:>9,.0f} {cost:8.1f} "
          f"{spread:>10} {rate:>9,.0f} {p50:8.2f} {p99:8.2f} {memory:9.0f} {size:>7,.0f} "
          f"{started:7.2f}", flush=True)


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--muster", required=True)
    parser.add_argument("--subjects", type=numbers, default=[100000, 1000000])
    parser.add_argument("--durability", default="full,none")
    parser.add_argument("--other", type=numbers, default=[10, 1000])
    parser.add_argument("--rate", type=numbers, default=[20000, 100000])
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=1)
    arguments = parser.parse_args()
    place = tempfile.TemporaryDirectory()
    arguments.load = pathlib.Path(place.name) / "service_load"
    source = pathlib.Path(__file__).with_name("service_load.c")
    subprocess.run(["cc", "-std=c11", "-O2", "-D_POSIX_C_SOURCE=200809L", str(source), "-o",
                    str(arguments.load)], check=True)
    print("durability  subjects other first-us   first/s   cost-us     spread records/s   p50-ms"
          "   p99-ms bytes/subj  db-MiB start-s")
    for durability, subjects, other, rate in itertools.product(
            arguments.durability.split(","), arguments.subjects, arguments.other, arguments.rate):
        report(durability, subjects, other, [measure(arguments, durability, subjects, other, rate)
                                             for _ in range(arguments.repeat)])
    place.cleanup()


if __name__ == "__main__":
    main()
