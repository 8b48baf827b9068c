#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that do not behave, all at once: one that never reads, one that sends a byte now and
then, thousands that say nothing, a body without end, a flood of bad records. Memory stays fixed,
the counters tell what happened, and a normal client beside them is answered in time."""

import contextlib
import resource
import socket
import threading
import time

from fixture import PROGRAMS, WAIT_S, Case, Normal, device, lines, main, share

IDLE = 10000 if PROGRAMS.soak else 500
BODY = 10 << 30 if PROGRAMS.soak else 200 << 20
BAD = 2000000 if PROGRAMS.soak else 50000
PAUSE_S = 1.0 if PROGRAMS.soak else 0.03  # between two bytes of the slow one
GROWTH = 64 << 20                         # what all of them together may cost
IDLE_BYTES = 4096                         # and each that is idle


def allow_files(count):
    """Whether this process may have so many open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count and (hard == resource.RLIM_INFINITY or hard >= count):
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= count


def peak(service):
    with open(f"/proc/{service.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM:"))


def is_instrumented():
    with open(PROGRAMS.muster, "rb") as file:
        return b"__asan_init" in file.read()


class Load(Case):

    def never_read(self, service):
        """Sends as long as anything is taken; returns how much that was."""
        greedy = service.connect()
        self.addCleanup(greedy.close)
        greedy.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        greedy.sock.settimeout(1)
        piece, sent = lines(device(i) for i in range(1000)), 0
        with contextlib.suppress(TimeoutError):
            while sent < 400 << 20:
                sent += greedy.sock.send(piece)
        return sent

    def send_slowly(self, service):
        """A record, byte by byte; its verdicts come all the same."""
        slow = service.connect()
        for byte in lines([device("slow")]):
            slow.sock.sendall(bytes([byte]))
            time.sleep(PAUSE_S)
        found = slow.read(2)
        slow.close()
        return found[0]["subject"]

    def post_for_ever(self, service):
        """A chunked body, made while it is sent; returns the answer."""
        noise = b"n" * 1000000
        record = b'{"device":{"id":"endless"},"noise":"' + noise + b'"}\n'
        chunk = b"%x\r\n%s\r\n" % (len(record), record)
        with socket.create_connection(("127.0.0.1", service.ports["http"]), WAIT_S) as sock:
            sock.sendall(b"POST /v1/facts HTTP/1.1\r\nHost: localhost\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(BODY // len(record)):
                sock.sendall(chunk)
            sock.sendall(b"0\r\n\r\n")
            answer = b""
            while b'"errors":[]}' not in answer:
                piece = sock.recv(65536)
                self.assertTrue(piece, answer)
                answer += piece
        self.assertIn(b'{"accepted":%d,' % (BODY // len(record)), answer)

    def flood(self, service):
        stream = service.connect()
        count = [0]

        def read():
            count[0] = sum(1 for _ in stream.file)

        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(BAD // 10000):
            stream.sock.sendall(b"{]\n" * 10000)
        stream.sock.shutdown(socket.SHUT_WR)
        reader.join(10 * WAIT_S)
        stream.close()
        self.assertEqual(count[0], BAD)

    def at_once(self, service, *parts):
        """Each in a thread; what goes wrong in one is raised here."""
        results, errors = {}, []

        def run(part):
            try:
                results[part.__name__] = part(service)
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)

        threads = [threading.Thread(target=run, args=(part,)) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(1200)
        if errors:
            raise errors[0]
        return results

    def test_all_of_them_at_once(self):
        if not allow_files(IDLE + 256):
            self.skipTest(f"{IDLE} connections need ulimit -n {IDLE + 256}, and the hard limit "
                          "is lower")
        service = self.serve()
        service.post([device("first")])
        before = peak(service)
        idle = [service.connect() for _ in range(IDLE)]
        service.wait_metric("connections", lambda n: n == IDLE)
        normal = Normal(service)
        results = self.at_once(service, self.never_read, self.send_slowly, self.post_for_ever,
                               self.flood)
        times = normal.end()
        metrics, growth = service.metrics(), peak(service) - before
        slowest = share(times, 0.99)
        print(f"{IDLE} idle, body of {BODY >> 20} MiB, {BAD} bad records: peak memory "
              f"+{growth >> 10} KiB; {len(times)} normal records answered, p50 "
              f"{share(times, 0.5) * 1000:.1f} ms, p99 {slowest * 1000:.1f} ms, "
              f"max {times[-1] * 1000:.1f} ms; reads stopped "
              f"{metrics['reads_stopped_total']:.0f}, stalls {metrics['stalls_total']:.0f}")
        self.assertEqual(results["send_slowly"], "D-slow")
        self.assertLess(results["never_read"], 64 << 20)
        self.assertGreater(metrics["reads_stopped_total"], 0)
        self.assertGreater(metrics["unread_bytes"], 0)
        self.assertLess(metrics["unread_bytes"], 16 << 20)
        self.assertEqual(metrics["records_rejected_total"], BAD)
        self.assertEqual((metrics["overloaded_total"], metrics["connections_refused_total"]),
                         (0, 0))
        self.assertLess(metrics["partial_bytes"], 4 << 20)
        self.assertGreater(len(times), 10)
        # A sanitizer's time and memory are its own.
        self.assertLess(slowest, 5 if is_instrumented() else 1)
        if not is_instrumented():
            self.assertLess(growth, GROWTH + IDLE * IDLE_BYTES)
        idle[-1].send([device("idle")])
        self.assertEqual(idle[-1].read(2)[0]["subject"], "D-idle")
        for stream in idle:
            stream.close()
        service.wait_metric("connections", lambda n: n <= 1)


if __name__ == "__main__":
    main()
