#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the contestants of peers.csv side by side and prints one table.

Called by bench/run, which has installed and built what is needed:

    contest.py --build FOLDER [--rounds N] [--quick] [--only PATTERN] [--json FILE]

FOLDER/gcc and FOLDER/clang are the builds, FOLDER/data-N-SEED the data. A contestant with a wrong
answer, or that ends in any other way than well, ends the run: it never becomes a ratio.
"""
import argparse
import csv
import datetime
import filecmp
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SEED = 42
DEVICES, QUICK_DEVICES = 200_000, 20_000
# part: what it is, its unit, and whose figure is 1.00
PARTS = {
    "A": ("evaluation only, one host call a device", "ns/device", "eval_muster gcc"),
    "B": ("NDJSON in memory to verdict lines in memory, one thread", "MB/s", "ndjson_muster gcc"),
    "C": ("a whole process, from a file to verdict lines", "MB/s", "process_muster gcc"),
}


def fail(text):
    sys.exit(f"error: {text}")


class Contestant:
    """A line of peers.csv with one compiler, and its figures so far."""

    def __init__(self, row, compiler, build):
        self.program, self.part, source, _needs, compilers, self.title = row
        self.name = f"{self.program} {compiler}"
        # one compiler is no choice, so it is not worth a word
        self.compiler = compiler if " " in compilers else ""
        self.is_process = source.endswith(".sh")
        folder = build / compiler
        self.path = HERE / "peers" / source if self.is_process else folder / "bench" / self.program
        self.environment = dict(os.environ, BENCH_PEERS=str(HERE / "peers"),
                                BENCH_MUSTER=str(folder / "muster"))
        self.figures = []

    def start(self, data, output):
        started = time.monotonic()
        done = subprocess.run([self.path, data.folder], stdout=output, stderr=subprocess.PIPE,
                              env=self.environment, check=False)
        seconds = time.monotonic() - started
        if done.returncode != 0:
            fail(f"{self.name} ended with {done.returncode}\n{done.stderr.decode().rstrip()}")
        return seconds, done.stdout

    def check(self, data):
        """The answers of a process; the other contestants check each pass by themselves."""
        if not self.is_process:
            return
        answers = data.folder / "answers.ndjson"
        with open(answers, "wb") as output:
            self.start(data, output)
        if not filecmp.cmp(answers, data.folder / "brief.ndjson", shallow=False):
            fail(f"{self.name}: wrong answer; compare {answers} with brief.ndjson beside it")
        answers.unlink()

    def run(self, data):
        """One round: a figure in the unit of the part."""
        if self.is_process:
            seconds, _ = self.start(data, subprocess.DEVNULL)
        else:
            _, line = self.start(data, subprocess.PIPE)
            seconds, count, size = map(float, line.split())
            if (count, size) != (data.count, data.bytes):
                fail(f"{self.name} has seen {count:.0f} devices in {size:.0f} bytes")
        self.figures.append(seconds / data.count * 1e9 if self.part == "A"
                            else data.bytes / seconds / 1e6)

    def median(self):
        return statistics.median(self.figures)

    def speed(self, base):
        """How many times as fast as the base."""
        if self.part == "A":
            return base.median() / self.median()
        return self.median() / base.median()


class Data:
    """Records and what is expected of them, made where they are not there yet."""

    def __init__(self, build, count):
        self.folder = build / f"data-{count}-{SEED}"
        self.count = count
        if not (self.folder / "complete").exists():
            self.make(count)
        # always anew: the rules and the form of an image may have changed
        rules = self.folder / "rules.musterc"
        rules.unlink(missing_ok=True)
        self.call(build / "gcc" / "muster", "build", HERE / "hotpatch5.muster", "-o", rules)
        self.bytes = (self.folder / "devices.ndjson").stat().st_size

    @staticmethod
    def call(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            fail(f"{command[0]} ended with {done.returncode}\n{done.stderr.rstrip()}")
        return done.stdout.strip()

    def make(self, count):
        print(f"making {count:,} devices", file=sys.stderr)
        self.folder.mkdir(parents=True, exist_ok=True)
        records = self.folder / "devices.ndjson"
        python = [sys.executable, "-B"]
        self.call(*python, HERE / "make_devices.py", str(count), str(SEED), records)
        counts = self.call(*python, HERE / "expect_verdicts.py", records, self.folder)
        (self.folder / "complete").write_text(counts + "\n")


def read_contestants(build, only):
    with open(HERE / "peers.csv", newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    bases = {base for _, _, base in PARTS.values()}
    contestants = [Contestant(row, compiler, build) for row in rows for compiler in row[4].split()]
    chosen = [c for c in contestants if re.search(only, c.program)]
    if not chosen:
        fail(f"no contestant matches '{only}'; there are: {' '.join(row[0] for row in rows)}")
    parts = {c.part for c in chosen}
    return [c for c in contestants if c in chosen or (c.name in bases and c.part in parts)]


def run_rounds(contestants, data, rounds):
    for contestant in contestants:
        contestant.check(data)
    for number in range(rounds):
        for contestant in contestants:
            if sys.stderr.isatty():
                print(f"\r\033[Kround {number + 1} of {rounds}: {contestant.name}", end="",
                      file=sys.stderr)
            contestant.run(data)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{model}, {os.cpu_count()} processors, Linux {os.uname().release}, {os.uname().machine}"


def print_part(part, contestants):
    what, unit, base_name = PARTS[part]
    mine = [c for c in contestants if c.part == part]
    if not mine:
        return
    base = next(c for c in mine if c.name == base_name)
    print(f"\n({part}) {what}\n")
    print(f"| {unit:49} | median | min..max | x Muster |\n|---|---|---|---|")
    for c in sorted(mine, key=lambda c: -c.speed(base)):
        title = f"{c.title} ({c.compiler})" if c.compiler else c.title
        spread = f"{show(min(c.figures))}..{show(max(c.figures))}"
        print(f"| {title:49} | {show(c.median())} | {spread} | {c.speed(base):.2f} |")


def show(figure):
    return f"{figure:,.1f}" if figure < 100 else f"{figure:,.0f}"


def best_speed(contestants, program, base_name):
    """The fastest build of a program, relative to Muster; None where it was left out."""
    base = [c for c in contestants if c.name == base_name]
    return max((c.speed(base[0]) for c in contestants if c.program == program), default=None)


def print_targets(contestants):
    """Where Muster stands against what it is meant to reach."""
    branchy = best_speed(contestants, "eval_c_branchy", PARTS["A"][2])
    tree = best_speed(contestants, "ndjson_simdjson_dom", PARTS["B"][2])
    if branchy or tree:
        print("\nMuster against its targets\n")
    if branchy:
        own = next(c for c in contestants if c.name == PARTS["A"][2]).median()
        print(f"(A) {show(own)} ns a device, at most 45; {branchy:.1f} times C with branches, "
              "at most 5")
    if tree:
        print(f"(B) {1 / tree:.2f} times simdjson's DOM, at least 0.8; the aim is 1.0")


def write_json(path, contestants, data, rounds):
    results = [{"program": c.program, "compiler": c.name.split()[1], "part": c.part,
                "title": c.title, "unit": PARTS[c.part][1], "figures": c.figures,
                "median": c.median()} for c in contestants]
    path.write_text(json.dumps({
        "machine": machine(), "at": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "devices": data.count, "bytes": data.bytes, "seed": SEED, "rounds": rounds,
        "results": results}, indent=1) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="bench/run")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    contestants = read_contestants(options.build, options.only)
    data = Data(options.build, QUICK_DEVICES if options.quick else DEVICES)
    run_rounds(contestants, data, options.rounds)
    print(f"{machine()}\n{data.count:,} devices, {data.bytes / 1e6:.0f} MB, seed {SEED}, "
          f"{options.rounds} rounds, every answer checked")
    for part in PARTS:
        print_part(part, contestants)
    print_targets(contestants)
    if options.json:
        write_json(options.json, contestants, data, options.rounds)


if __name__ == "__main__":
    main()
