#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records over sockets: order, bad records, clients that do not behave, and the end."""

import json
import os
import signal
import socket
import stat
import subprocess
import threading
import time

from fixture import PROGRAMS, Case, Stream, device, lines, main, write_rules


class Streams(Case):

    def test_verdicts_in_order_with_seq(self):
        stream = self.serve().connect()
        stream.send(device(i, os={"build": "26100.9106"}, seq=i) for i in range(3000))
        found = stream.read(6000)
        self.assertEqual([v["seq"] for v in found], [i // 2 for i in range(6000)])
        self.assertEqual([v["subject"] for v in found[::2]], [f"D-{i}" for i in range(3000)])
        self.assertEqual({v["verdict"] for v in found}, {"readiness", "release"})
        self.assertEqual(list(found[0])[-3:], ["rules", "since", "seq"])
        self.assertEqual(stream.rest(), [])

    def test_any_seq_comes_back_as_it_was(self):
        stream = self.serve().connect()
        stream.send(b'{"seq":"a\\u0041","device":{"id":"D-1"}}\n'
                    b'{"device.id":"D-2", "seq" : 1.50e3}\n{"device.id":"D-3","seq":{"no":1}}\n')
        texts = [stream.file.readline() for _ in range(6)]
        self.assertTrue(texts[0].endswith(b',"seq":"a\\u0041"}\n'), texts[0])
        self.assertTrue(texts[2].endswith(b',"seq":1.50e3}\n'), texts[2])
        self.assertNotIn(b'"seq"', texts[4])
        stream.close()

    def test_bad_records_are_answered_in_their_place(self):
        stream = self.serve().connect()
        stream.send(b'{"device":{"id":"D-1"}}\n{"device":{"id":]}\n\nnonsense\n{"os":{}}\n'
                    b'{"device":{"id":"D-2"},"seq":7,"os":{"edition":"' + b"x" * 9000 + b'"}}\n'
                    b'{"device":{"id":"D-3"}}')
        found = stream.rest()
        kinds = [v.get("verdict") or v["error"] for v in found]
        good, bad = ["readiness", "release"], ["bad_record"]
        self.assertEqual(kinds, good + bad * 4 + good)
        self.assertEqual([v["line"] for v in found if "error" in v], [2, 4, 5, 6])
        self.assertIn("no subject", found[4]["message"])
        self.assertIn("'os' is longer", found[5]["message"])
        self.assertEqual(found[5]["seq"], 7)

    def test_a_record_in_single_bytes(self):
        stream = self.serve().connect()
        for byte in lines([device(1)]):
            stream.sock.sendall(bytes([byte]))
            time.sleep(0.002)
        self.assertEqual(stream.read(2)[0]["subject"], "D-1")
        stream.close()

    def test_records_of_a_mebibyte_and_more(self):
        service = self.serve()
        stream = service.connect()
        almost = b'{"device":{"id":"D-1"},"noise":"' + b"n" * 1048000 + b'"}\n'
        longer = b'{"device":{"id":"D-2"},"noise":"' + b"n" * 1100000 + b'"}\n'
        stream.send(almost + longer + almost.replace(b"D-1", b"D-3"))
        found = stream.rest()
        self.assertEqual([v.get("subject") for v in found], ["D-1", "D-1", None, "D-3", "D-3"])
        self.assertEqual(service.metrics()["partial_bytes"], 0)

    def test_a_client_that_never_reads_is_read_no_further(self):
        service = self.serve(max_unread=65536)
        greedy, other = service.connect(), service.connect()
        greedy.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        greedy.sock.settimeout(1)
        piece, sent = lines(device(i) for i in range(1000)), 0
        with self.assertRaises(TimeoutError):
            while sent < 400 << 20:
                sent += greedy.sock.send(piece)
        metrics = service.metrics()
        self.assertGreater(metrics["reads_stopped_total"], 0)
        self.assertLess(metrics["unread_bytes"], 8 << 20)
        self.assertLess(sent, 64 << 20)
        other.send([device("other")])
        self.assertEqual(other.read(2)[0]["subject"], "D-other")
        other.close()
        # Once it reads, everything is there.
        count = threading.Thread(target=lambda: setattr(self, "read", len(greedy.rest())))
        greedy.sock.settimeout(30)
        count.start()
        count.join(60)
        self.assertGreaterEqual(self.read, 2 * (sent // len(piece)) * 1000)

    def test_a_thousand_idle_connections_cost_little(self):
        service = self.serve()
        before = resident(service)
        idle = [service.connect() for _ in range(1000)]
        service.wait_metric("connections", lambda n: n == 1000)
        self.assertLess(resident(service) - before, 8 << 20)
        idle[500].send([device(1)])
        self.assertEqual(idle[500].read(2)[0]["subject"], "D-1")
        for stream in idle:
            stream.close()
        service.wait_metric("connections", lambda n: n == 0)

    def test_connections_have_a_limit(self):
        service = self.serve(max_connections=2)
        first, second, third = service.connect(), service.connect(), service.connect()
        self.assertEqual(third.file.readline(), b"")
        second.send([device(1)])
        self.assertEqual(len(second.read(2)), 2)
        for stream in (first, second, third):
            stream.close()

    def test_unfinished_records_have_a_limit_together(self):
        service = self.serve(max_partial=2 << 20)
        streams = [service.connect() for _ in range(6)]
        for stream in streams:
            try:
                stream.sock.sendall(b'{"device":{"id":"' + b"x" * 900000)
            except OSError:
                pass
        service.wait_metric("overloaded_total", lambda n: n > 0)
        service.wait_metric("partial_bytes", lambda n: n <= 2 << 20)
        for stream in streams:
            stream.close()
        service.wait_metric("partial_bytes", lambda n: n == 0)

    def test_unix_socket(self):
        path = str(self.folder / "muster.sock")
        service = self.serve(listen=f"unix:{path}", socket_mode="0600")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        stream = Stream(sock)
        stream.send([device(1)])
        self.assertEqual(len(stream.rest()), 2)
        self.assertEqual(service.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_socket_that_a_killed_service_left(self):
        path = str(self.folder / "muster.sock")
        service = self.serve(listen=f"unix:{path}")
        service.stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(path))
        self.serve(listen=f"unix:{path}")

    def test_standard_input_and_output(self):
        command = [PROGRAMS.muster, "serve", str(write_rules(self.folder)), "--listen=stdio:",
                   "--http=none", "--state=none"]
        done = subprocess.run(command, input=lines(device(i) for i in range(5000)),
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(found), 10000)
        self.assertEqual(found[-1]["subject"], "D-4999")
        with open(self.folder / "out", "wb") as out:
            done = subprocess.run(command, input=lines([device(1)]), stdout=out,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len((self.folder / "out").read_bytes().splitlines()), 2)

    def test_standard_input_that_is_no_pipe(self):
        """Under systemd it is /dev/null; a file is as little good: the loop cannot wait for it."""
        command = [PROGRAMS.muster, "serve", str(write_rules(self.folder)), "--listen=stdio:",
                   "--http=none", "--state=none"]
        for name in (os.devnull, __file__):
            with open(name, "rb") as given:
                done = subprocess.run(command, stdin=given, capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn(b"standard input must be a pipe, not a file or /dev/null", done.stderr)

    def test_sigterm_answers_what_came_in(self):
        service = self.serve()
        stream = service.connect()
        stream.send(device(i) for i in range(20000))
        stream.read(2)
        service.process.send_signal(signal.SIGTERM)
        found = [json.loads(line) for line in stream.file]
        self.assertEqual(service.stop(), 0)
        subjects = [v["subject"] for v in found]
        self.assertEqual(subjects[1::2], [f"D-{i}" for i in range(1, len(subjects) // 2 + 1)])
        stream.close()
        # All that was answered was kept.
        again = self.serve()
        self.assertGreaterEqual(again.metrics()["subjects"], len(subjects) // 2 + 1)

    def test_no_handle_is_left_whatever_is_open_at_the_end(self):
        path = str(self.folder / "muster.sock")
        service = self.serve(listen=f"unix:{path}", allow_unsigned=True)
        open_ones = []
        for start in (b"", b'{"device":{"id":"D-1"}}\n', b'{"device":{"id":"D-', b"nonsense\n"):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(path)
            sock.sendall(start)
            open_ones.append(sock)
        head = " HTTP/1.1\r\nHost: localhost\r\n"
        for request in (f"GET /v1/changes{head}\r\n", "GET /v1/changes HTTP/1.1\r\nHo",
                        f"POST /v1/facts{head}Content-Length: 999\r\n\r\n{{",
                        f"PUT /v1/rules{head}Content-Length: 9\r\n\r\nx"):
            sock = socket.create_connection(("127.0.0.1", service.ports["http"]))
            sock.sendall(request.encode())
            open_ones.append(sock)
        service.wait_metric("event_streams", lambda n: n == 1)
        service.wait_metric("records_rejected_total", lambda n: n == 1)
        service.process.send_signal(signal.SIGHUP)
        self.assertEqual(service.stop(), 0, "".join(service.log))
        self.assertNotIn("handle_left", "".join(service.log))
        for sock in open_ones:
            sock.close()

    def test_addresses_that_are_refused(self):
        rules = str(write_rules(self.folder))
        for option, word in [("--listen=tcp://0.0.0.0:7411", "loopback only"),
                             ("--listen=7411", "write tcp://"),
                             ("--http=0.0.0.0:0", "a public address needs"),
                             ("--http=127.0.0.1", "write 127.0.0.1:7412")]:
            done = subprocess.run([PROGRAMS.muster, "serve", rules, "--state=none",
                                   "--listen=none", option], capture_output=True, text=True,
                                  timeout=30)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn(word, done.stderr)


def resident(service):
    with open(f"/proc/{service.process.pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) << 10 for line in file if line.startswith("Anonymous:"))


if __name__ == "__main__":
    main()
