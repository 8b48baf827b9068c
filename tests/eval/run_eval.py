#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`muster eval` over streams of any size and form.

    tests/eval/run_eval.py --muster build/muster [--streams 24] [--seed 1] [--seconds 1]
                           [--all-forms] [--instrumented] [TEST...]

- jobs: with any number of them the bytes on standard output and standard error and the exit status
  are those of one, over the sample fleet and over streams made at random: lines, arrays, records in
  many lines, spoilt ones, from a file and from a pipe that brings pieces of any size;
- endless: what a stream takes of memory does not grow, and is below 16 MB, whatever its form;
- slow reader, pipes that do not block, broken pipe, late records, failing reads, progress on a
  terminal.
"""

import argparse
import fcntl
import itertools
import math
import os
import pathlib
import pty
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import streams  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = HERE.parent.parent / "stdlib-rules"
RULES = str(HERE / "rules" / "served.muster")
AT = ("--at", "2026-08-15")
JOBS = ("2", "3", "8", "64")
MOST_BYTES = 16_000_000
# Where a stream ends soon, this is the most: half of what was read may not be kept.
ENOUGH_BYTES, MOST_BYTES_SOON = 12_000_000, 8_000_000
FORMS = (
    (RULES,), (RULES, "--brief"), (str(HERE / "rules"),), (RULES, "--format", "json"),
    (RULES, "--format", "table"), (str(HERE / "rules"), "--format", "table", "--all-checks"),
    (RULES, "--all-checks", "--fail-on", "fail"), (RULES, "--verdict", "next", "--fail-on=unknown"),
    (RULES, "--format", "table", "--limit", "7"), (RULES, "--format", "table", "--limit", "0"),
    (RULES, "--format", "table", "--limit", "700", "--brief"))


def finish(command, feed=None):
    """Standard output, standard error and status of a command, which `feed` writes to."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        feeder = threading.Thread(target=feed, args=(process.stdin,))
        feeder.start()
        errors = []
        reader = threading.Thread(target=lambda: errors.append(process.stderr.read()))
        reader.start()
        output = process.stdout.read()
        reader.join()
        feeder.join()
        return output, errors[0], process.wait()


def give(data, generator):
    """A feeder that writes the data in pieces of any size."""
    def feed(pipe):
        at = 0
        while at < len(data):
            size = int(2 ** generator.uniform(0, 20))
            pipe.write(data[at:at + size])
            pipe.flush()
            at += size
            if generator.random() < 0.02:
                time.sleep(0.001)
        pipe.close()
    return feed


def write_all(fd, data):
    """Writes and closes; whoever does not read to the end says why."""
    try:
        while data:
            data = data[os.write(fd, data):]
    except BrokenPipeError:
        pass
    os.close(fd)


def first_difference(wanted, found):
    """Where two runs differ."""
    for name, a, b in zip(("output", "errors", "status"), wanted, found):
        if a == b:
            continue
        if isinstance(a, int):
            return "%s %s, not %s" % (name, b, a)
        lines = itertools.zip_longest(a.splitlines(), b.splitlines())
        number, (x, y) = next(((i, pair) for i, pair in enumerate(lines, 1) if pair[0] != pair[1]),
                              (0, (b"", b"")))
        return "%s, line %d: %r, not %r" % (name, number, (y or b"")[:200], (x or b"")[:200])
    return None


class Tests:
    """One method a test; each says what is wrong by an AssertionError."""

    def __init__(self, options, folder):
        self.options = options
        self.muster = str(options.muster.resolve())
        self.folder = pathlib.Path(folder)

    def command(self, *words):
        return [self.muster, "eval", *AT, *words]

    def from_file(self, path, *words):
        with open(path, "rb") as file:
            done = subprocess.run(self.command(*words), stdin=file, capture_output=True,
                                  check=False)
        return done.stdout, done.stderr, done.returncode

    # ---- the same bytes

    def compare(self, path, words, name, jobs=JOBS):
        wanted = self.from_file(path, *words, "--jobs", "1")
        assert wanted[2] in (0, 1), "%s: %r" % (name, wanted[1:])
        for count in jobs:
            found = first_difference(wanted, self.from_file(path, *words, "--jobs", count))
            assert not found, "%s, %s jobs, %s: %s" % (name, count, " ".join(words), found)
        return wanted

    def test_jobs_fleet(self):
        """The sample fleet, as it is and as one array in one line."""
        lines = (SAMPLES / "samples" / "fleet.ndjson").read_bytes()
        array = self.folder / "array.json"
        array.write_bytes(b"[" + b",".join(lines.splitlines()) + b"]")
        for path in (SAMPLES / "samples" / "fleet.ndjson", array):
            for form in ((), ("--format", "table"), ("--format", "json", "--brief")):
                words = ("windows.hotpatch", "-I", str(SAMPLES), *form)
                self.compare(path, words, path.name, ("2", "3", "8"))

    def test_jobs_any_stream(self):
        """Streams at random, in every format, from a file and from a pipe."""
        for seed in range(self.options.seed, self.options.seed + self.options.streams):
            generator = random.Random("eval %d" % seed)
            size = generator.choice((0, 1, 300, 40_000, 400_000, 1_200_000, 2_500_000))
            data = streams.make(seed, size) if size else b""
            path = self.folder / "stream.json"
            path.write_bytes(data)
            words, name = generator.choice(FORMS), "stream %d" % seed
            wanted = self.compare(path, words, name, generator.sample(JOBS, 2))
            for count in ("1", generator.choice(JOBS)):
                found = first_difference(wanted, finish(self.command(*words, "--jobs", count),
                                                        give(data, generator)))
                assert not found, "%s by a pipe, %s jobs: %s" % (name, count, found)

    def test_jobs_large_output(self):
        """A record of a few bytes makes lines of many: batches are full before their blocks."""
        path = self.folder / "small.json"
        path.write_bytes(b"".join(b'{"device.id":"%d"}\n' % i for i in range(20_000)))
        for words in (FORMS[2], FORMS[5], FORMS[8], FORMS[3]):
            self.compare(path, words, "small records")

    def test_jobs_summary(self):
        """What one record alone carries, and the keys of the first hundred, whoever reads them."""
        path, filler = self.folder / "rare.json", "z" * 4000
        words = (RULES, "--format", "table", "--limit", "0")
        places = (3, 60, 98, 99, 100, 101, 350)
        for rare, key in itertools.product(places, ("os.build", "os.editon")):
            path.write_text("".join('{"device.id":"%d","x":"%s"%s}\n' % (
                i, filler, ',"%s":"26100.1"' % key if i == rare else "") for i in range(400)))
            said = self.compare(path, words, "%s in record %d" % (key, rare))[0]
            assert (b"os.build: 0 of" in said) == (key != "os.build"), said
            is_looked_at = key == "os.editon" and rare < 100
            assert (b"did you mean the key os.editon?" in said) == is_looked_at, said

    # ---- memory

    def endless(self, jobs, form, words):
        """Feeds one form for some seconds, or until it has had enough; the most anonymous memory,
        and how much was read."""
        enough = math.inf if self.options.all_forms else ENOUGH_BYTES
        head, unit = form
        unit *= max(1, 65536 // len(unit))
        command = self.command(*words, "--jobs", jobs)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            def feed():
                try:
                    process.stdin.write(head)
                    while True:
                        process.stdin.write(unit)
                        fed.append(len(unit))
                except BrokenPipeError:
                    pass
            fed, end = [], time.monotonic() + self.options.seconds
            feeder = threading.Thread(target=feed)
            feeder.start()
            most = 0
            while time.monotonic() < end and sum(fed) < enough:
                most = max(most, anonymous_bytes(process.pid))
                time.sleep(0.01)
            process.kill()
            feeder.join()
            try:
                process.stdin.close()
            except BrokenPipeError:
                pass
        return most, sum(fed)

    def test_endless(self):
        """Whatever comes, the memory stays below 16 MB."""
        if self.options.instrumented:
            return "left out: a sanitizer takes more memory than this"
        record = (b'{"device":{"id":"D-1"},"os":{"edition":"Home","build":"26100.1"},'
                  b'"x":[1,{"y":"z"}]}')
        pretty = record.replace(b",", b",\n  ").replace(b"{", b"{\n  ")
        forms = {"lines": (b"", record + b"\n"), "bad lines": (b"", record[:-3] + b"\n"),
                 "pretty": (b"", pretty + b"\n"), "array in one line": (b"[", record + b","),
                 "pretty array": (b"[\n", pretty + b",\n"),
                 "long records": (b"", record[:-1] + b',"l":"' + b"y" * 1_000_000 + b'"}\n'),
                 "one text without an end": (b'{"x":"', b"y" * 65536),
                 "nothing but blanks": (b"", b" \n" * 32768)}
        cases = [("lines", "2", ()), ("array in one line", "2", ("--format", "json")),
                 ("pretty", "8", ("--format", "table")), ("long records", "2", ())]
        if self.options.all_forms:
            jobs = itertools.cycle(("1", "2", "8", "3"))
            cases = [(form, next(jobs), words) for form in forms
                     for words in ((), ("--format", "json"), ("--format", "table"))]
        shown, limit = [], MOST_BYTES if self.options.all_forms else MOST_BYTES_SOON
        for form, jobs, words in cases:
            most, read = self.endless(jobs, forms[form], (RULES, *words))
            name = "%s, %s jobs, %s" % (form, jobs, " ".join(words) or "lines")
            assert read > 4_000_000, "%s: only %d bytes were read" % (name, read)
            assert most < limit, "%s: %d bytes of memory" % (name, most)
            shown.append("%s: %.1f MB of memory, %d MB read" % (name, most / 1e6, read / 1e6))
        return "\n  ".join(shown)

    def test_slow_reader(self):
        """Nobody takes the output: everything waits, and little is read ahead."""
        record = b'{"device":{"id":"D-1"}}\n' * 1000
        for jobs in ("1", "2", "8"):
            with subprocess.Popen(self.command(RULES, "--jobs", jobs), stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE) as process:
                os.set_blocking(process.stdin.fileno(), False)
                fed, idle_since = 0, time.monotonic()
                while time.monotonic() - idle_since < 0.4:
                    try:
                        fed += os.write(process.stdin.fileno(), record)
                        idle_since = time.monotonic()
                    except BlockingIOError:
                        time.sleep(0.01)
                    assert fed < 32_000_000, "%s jobs read %d bytes" % (jobs, fed)
                most = anonymous_bytes(process.pid)
                process.kill()
            assert most < MOST_BYTES or self.options.instrumented, "%s jobs: %d" % (jobs, most)

    def test_unblocked(self):
        """Pipes that another program has set not to block lose nothing."""
        data = b'{"device":{"id":"D-1"}}\n' * 5000
        for jobs in ("1", "2"):
            command = self.command(RULES, "--jobs", jobs)
            wanted = subprocess.run(command, input=data, capture_output=True, check=True).stdout
            (theirs, feed), (take, ours) = os.pipe(), os.pipe()
            os.set_blocking(theirs, False)
            os.set_blocking(ours, False)
            with subprocess.Popen(command, stdin=theirs, stdout=ours,
                                  stderr=subprocess.PIPE) as process:
                os.close(theirs)
                os.close(ours)
                time.sleep(0.1)
                feeder = threading.Thread(target=write_all, args=(feed, data))
                feeder.start()
                time.sleep(0.1)
                with open(take, "rb") as output:
                    found = output.read()
                feeder.join()
                said = process.stderr.read()
            assert (process.returncode, said) == (0, b""), "%s jobs: %d, %r" % (
                jobs, process.returncode, said)
            assert found == wanted, "%s jobs: %d of %d bytes" % (jobs, len(found), len(wanted))

    # ---- ends

    def test_broken_pipe(self):
        """The reader goes away: quiet, and by SIGPIPE, or with 3 where that is ignored."""
        path = self.folder / "many.json"
        path.write_bytes(b'{"device":{"id":"D-1"}}\n' * 60_000)
        for jobs, restore, form in itertools.product(("1", "2", "8"), (True, False), (
                (), ("--format", "json"), ("--format", "table"))):
            command = self.command(RULES, "--facts", str(path), "--jobs", jobs, *form)
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  restore_signals=restore) as process:
                process.stdout.readline()
                process.stdout.close()
                said = process.stderr.read()
            wanted = -signal.SIGPIPE if restore else 3
            assert (process.returncode, said) == (wanted, b""), "%s jobs, %s: %d, %r" % (
                jobs, form, process.returncode, said)

    def test_failing_read(self):
        """What was read before counts; the reason is told."""
        for jobs in ("1", "2"):
            done = subprocess.run(self.command(RULES, "--facts", "/proc/self/mem", "--jobs", jobs),
                                  capture_output=True, check=False)
            assert done.returncode == 3 and b"cannot read '/proc/self/mem'" in done.stderr, done

    def test_late_records(self):
        """A record that has arrived is answered before the next one is there, newline or not."""
        for jobs, end in itertools.product(("1", "2", "8"), (b"", b"\n")):
            with subprocess.Popen(self.command(RULES, "--jobs", jobs, "--verdict", "next"),
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                alarm = threading.Timer(20, process.kill)
                alarm.start()
                for number in range(5):
                    process.stdin.write(b'{"device":{"id":"D-%d"}}' % number + end)
                    process.stdin.flush()
                    line = process.stdout.readline()
                    assert b'"subject":"D-%d"' % number in line, "%s jobs: %r" % (jobs, line)
                process.stdin.close()
                assert process.wait() == 0, process.returncode
                alarm.cancel()

    # ---- progress

    def on_terminal(self, columns, seconds, *words):
        """What standard error shows on a terminal, as [(seconds after the start, text)]."""
        terminal, ours = pty.openpty()
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        shown, begun = [], time.monotonic()
        command = self.command(RULES, *words)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=ours) as process:
            os.close(ours)

            def feed():
                while time.monotonic() - begun < seconds:
                    process.stdin.write(b'{"device":{"id":"D-1"}}\n' * 100 + b"{]\n")
                    process.stdin.flush()
                    time.sleep(0.01)
                process.stdin.close()
            feeder = threading.Thread(target=feed)
            feeder.start()
            while True:
                try:
                    text = os.read(terminal, 65536)
                except OSError:
                    break
                shown.append((time.monotonic() - begun, text))
            feeder.join()
        os.close(terminal)
        return shown

    def test_progress(self):
        """After a second, with a rate, within the width, and gone at the end."""
        line = re.compile(rb"\r([\d,]+) records, ([\d,]+) records/s, (\d+\.\d) MB/s\x1b\[K")
        seconds = 4 if self.options.instrumented else 1.6  # slow, and beside other slow ones
        for jobs in ("1", "2"):
            shown = self.on_terminal(80, seconds, "--jobs", jobs)
            text = b"".join(piece for _, piece in shown)
            found = line.findall(text)
            assert shown and shown[0][0] >= 1, "shown too early: %r" % (shown[:1],)
            assert 3 <= len(found) <= 10 * (seconds - 1) + 2, "%d lines: %r" % (len(found), text)
            counts = [int(count.replace(b",", b"")) for count, _, _ in found]
            assert counts == sorted(counts) and counts[0] < counts[-1], "%r" % counts
            assert int(found[-1][1].replace(b",", b"")) > 100, "rate: %r" % (found[-1],)
            end = rb"\r\x1b\[Kmuster eval: [\d,]+ of [\d,]+ records were rejected\r\n$"
            assert re.search(end, text), "the end is %r" % text[-200:]
        narrow = b"".join(piece for _, piece in self.on_terminal(20, 1.4, "--jobs", "2"))
        for piece in re.findall(rb"\r([^\r\x1b]*)\x1b\[K", narrow):
            assert len(piece) < 20, "%r on 20 columns" % piece
        short = b"".join(piece for _, piece in self.on_terminal(80, 0.2, "--jobs", "2"))
        assert short.startswith(b"muster eval: ") and b"\x1b" not in short, "%r" % short


def anonymous_bytes(pid):
    """Memory of a process that is no file's."""
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        found = re.search(r"^RssAnon:\s+(\d+) kB$", file.read(), re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--muster", type=pathlib.Path, required=True)
    parser.add_argument("--streams", type=int, default=24, help="how many, at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1, help="of each endless stream")
    parser.add_argument("--all-forms", action="store_true", help="of endless streams")
    parser.add_argument("--instrumented", action="store_true", help="do not judge the memory")
    parser.add_argument("names", nargs="*", metavar="TEST")
    options = parser.parse_args()
    failed = count = 0
    with tempfile.TemporaryDirectory(prefix="muster-eval-") as folder:
        tests = Tests(options, folder)
        names = [name for name in dir(tests) if name.startswith("test_")
                 and (not options.names or name.replace("test_", "") in options.names)]
        for name in names:
            count += 1
            try:
                note = getattr(tests, name)()
            except AssertionError as error:
                failed += 1
                print("%s:\n  %s" % (name, error))
            else:
                print("%s\n  %s" % (name, note) if note else name)
    print("%d passed, %d failed" % (count - failed, failed))
    return 0 if count and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
