#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The addresses of HTTP: what they answer, who is refused, and bodies of every size and speed."""

import gzip
import http.client
import json
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

from fixture import PROGRAMS, WAIT_S, Case, Clock, device, lines, main

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GET_CHANGES = b"GET /v1/changes HTTP/1.1\r\nHost: localhost\r\n\r\n"
GET_HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
NOON = "2026-08-15T12:00:00Z"


class Http(Case):

    def test_facts_are_counted_and_errors_listed(self):
        service = self.serve()
        answer = service.post(lines([device(1)]) + b"nonsense\n" * 150 + lines([device(2)]))
        self.assertEqual((answer["accepted"], answer["rejected"], answer["retry"]), (2, 150, 0))
        self.assertEqual([e["line"] for e in answer["errors"]], list(range(2, 102)))
        self.assertEqual(service.post(b""), {"accepted": 0, "rejected": 0, "retry": 0,
                                             "errors": []})

    def test_facts_with_verdicts(self):
        service = self.serve()
        status, text = service.request("POST", "/v1/facts?verdicts=1",
                                       lines([device(1, seq="a"), device(2, seq="b")]))
        found = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(status, 200)
        self.assertEqual([v["seq"] for v in found[:-1]], ["a", "a", "b", "b"])
        self.assertEqual(found[-1], {"accepted": 2, "rejected": 0, "retry": 0})
        sock = socket.create_connection(("127.0.0.1", service.ports["http"]), WAIT_S)
        sock.sendall(b"POST /v1/facts?verdicts=1 HTTP/1.1\r\nHost: localhost\r\n"
                     b"Content-Length: 9000000\r\n\r\n")
        self.assertIn(b" 413 ", sock.recv(100))
        sock.close()

    def test_a_chunked_body_that_comes_slowly(self):
        service = self.serve()
        connection = http.client.HTTPConnection("127.0.0.1", service.ports["http"], timeout=WAIT_S)

        def pieces():
            for i in range(20):
                time.sleep(0.01)
                text = lines([device(i)])
                yield text[:7]
                yield text[7:]

        connection.request("POST", "/v1/facts", pieces(), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})
        self.assertEqual(json.loads(connection.getresponse().read())["accepted"], 20)
        connection.close()

    def test_a_large_body_takes_little_memory(self):
        service = self.serve(durability="none", state="none")
        service.post([device(i) for i in range(1000)])
        before = resident(service)
        piece = lines(device(i, noise="n" * 1000) for i in range(1000))
        connection = http.client.HTTPConnection("127.0.0.1", service.ports["http"], timeout=WAIT_S)
        connection.request("POST", "/v1/facts", (piece for _ in range(100)), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        self.assertEqual(answer["accepted"], 100000)
        self.assertLess(resident(service) - before, 24 << 20)

    def test_a_client_that_leaves_in_the_middle(self):
        service = self.serve()
        for _ in range(20):
            sock = socket.create_connection(("127.0.0.1", service.ports["http"]))
            sock.sendall(b"POST /v1/facts HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Length: 100000\r\n\r\n" + lines([device(1)]))
            sock.close()
        self.assertEqual(service.post([device(2)])["accepted"], 1)
        self.assertEqual(service.request("GET", "/healthz"), (200, "alive\n"))

    def test_subjects(self):
        service = self.serve(Clock(self.folder, NOON))
        service.post([device(1, os={"build": "26100.5"})])
        found = service.get("/v1/subjects/D-1")
        self.assertEqual(list(found), ["subject", "verdicts", "groups"])
        self.assertEqual(found["groups"], {"os": {"observed": NOON, "facts": {"build": "26100.5"}}})
        self.assertEqual(service.request("GET", "/v1/subjects/D-2")[0], 404)
        self.assertEqual(service.request("DELETE", "/v1/subjects/D-2")[0], 404)
        self.assertEqual(service.request("DELETE", "/v1/subjects/D-1")[0], 200)
        self.assertEqual(service.request("GET", "/v1/subjects/D-1")[0], 404)
        last = int(service.metrics()["change_sequence"])
        (_number, _kind, change), = service.changes(last - 1, 1)
        self.assertEqual(change, {"subject": "D-1", "deleted": True, "at": NOON})

    def test_verdicts_page_by_page(self):
        service = self.serve()
        service.post([device(i, os={"build": f"26100.{i % 3}"}, vbs={"status": "running"})
                      for i in range(1000)])
        found, after = [], ""
        while after is not None:
            page = service.get(f"/v1/verdicts?outcome=not_ready&check=build&limit=70{after}")
            found += page["verdicts"]
            after = page["next"] and f"&after={page['next']}"
        self.assertEqual([v["subject"] for v in found], [f"D-{i}" for i in range(0, 1000, 3)])
        self.assertEqual(len(service.get("/v1/verdicts?verdict=release")["verdicts"]), 100)
        for wrong in ("limit=0", "limit=1001", "limit=x", "after=-1"):
            self.assertEqual(service.request("GET", f"/v1/verdicts?{wrong}")[0], 400)

    def test_changes_are_followed_and_resumed(self):
        service = self.serve()
        service.post([device(1)])
        heard = []
        listener = threading.Thread(target=lambda: heard.extend(service.changes(2, 2)))
        listener.start()
        service.wait_metric("event_streams", lambda n: n == 1)
        service.post([device(2)])
        listener.join(WAIT_S)
        self.assertEqual([number for number, _kind, _change in heard], [3, 4])
        self.assertEqual([number for number, _kind, _change in service.changes(0, 4)],
                         [1, 2, 3, 4])

    def test_changes_that_are_not_kept_any_more(self):
        service = self.serve(history=10)
        service.post([device(i) for i in range(50)])
        for after in (0, 5, 999):
            (number, kind, _data), = service.changes(after, 1)
            self.assertEqual((number, kind), (100, "reset"))

    def test_many_changes_at_once(self):
        service = self.serve()
        service.post([device(i) for i in range(3000)])
        self.assertEqual([number for number, _kind, _change in service.changes(0, 6000)],
                         list(range(1, 6001)))

    def test_a_stream_of_changes_ends_with_the_service(self):
        service = self.serve()
        connection = http.client.HTTPConnection("127.0.0.1", service.ports["http"], timeout=WAIT_S)
        connection.request("GET", "/v1/changes")
        answer = connection.getresponse()
        service.wait_metric("event_streams", lambda n: n == 1)
        self.assertEqual(service.stop(), 0)
        self.assertEqual(answer.read(), b"retry: 2000\n\n")
        connection.close()

    def test_what_is_not_there(self):
        service = self.serve()
        for method, path, status in [("GET", "/v2", 404), ("GET", "/v1/subjects/", 404),
                                     ("PUT", "/v1/facts", 405), ("POST", "/", 405),
                                     ("GET", "/v1/changes?after=x", 400)]:
            self.assertEqual(service.request(method, path)[0], status, path)

    def test_what_would_be_passed_over_is_refused(self):
        service = self.serve(allow_unsigned=True)
        service.post([device(1), device(2)])
        for method, path, status, word in [
                ("GET", "/v1/verdicts?outcom=ready", 400, "'outcom'"),
                ("GET", "/v1/verdicts?outcome=ready&limit=1&aft=1", 400, "'aft'"),
                ("GET", "/v1/verdicts?limit=1&outcome", 400, "'outcome' has no value"),
                ("GET", "/v1/changes?afte=1", 400, "'afte'"),
                ("POST", "/v1/facts?verdict=1", 400, "there are: verdicts"),
                ("PUT", "/v1/rules?forced=1", 400, "'forced'"),
                ("GET", "/v1/rules?x", 400, "'x'"),
                ("DELETE", "/v1/subjects/D-1?all=1", 400, "'all'"),
                ("DELETE", "/v1/subjects/D-1%00x", 400, "00"),
                ("GET", "/v1/subjects/D-1%zz", 400, "hexadecimal")]:
            found, text = service.request(method, path)
            self.assertEqual(found, status, path)
            self.assertIn(word, json.loads(text)["message"], path)
        self.assertEqual(service.metrics()["subjects"], 2)
        for path in ("/healthz?a=1", "/readyz?a", "/metrics?a=1", "/?a=1"):
            self.assertEqual(service.request("GET", path)[0], 200, path)

    def test_more_connections_than_may_be(self):
        service = self.serve(max_connections=20)
        for _round in range(3):
            idle = [socket.create_connection(("127.0.0.1", service.ports["http"]), WAIT_S)
                    for _ in range(50)]
            time.sleep(0.1)
            for sock in idle:
                sock.close()
            self.assertEqual(service.request("GET", "/healthz")[0], 200)
        # Those that wait for a place get one as others, which are all busy, leave.
        busy = [self.send_to(service, b"POST /v1/facts HTTP/1.1\r\nHost: localhost\r\n"
                                      b"Content-Length: 9\r\n\r\n") for _ in range(21)]
        last = self.send_to(service, GET_HEALTH)
        last.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            last.recv(1000)
        last.settimeout(WAIT_S)
        busy.pop().close()
        self.assertIn(b" 200 ", last.recv(1000))
        busy[0].sendall(b"nonsense\n")
        self.assertIn(b'"rejected":1', busy[0].recv(1000))
        for sock in [last, *busy]:
            sock.close()

    def send_to(self, service, text):
        sock = socket.create_connection(("127.0.0.1", service.ports["http"]), WAIT_S)
        sock.sendall(text)
        return sock

    def test_who_is_idle_longest_makes_room_for_others(self):
        """Of those that have nothing to ask, the oldest go; those that wait for events stay."""
        service = self.serve(max_connections=50)
        stream = self.send_to(service, GET_CHANGES)
        self.assertIn(b" 200 ", stream.recv(1000))
        asked = self.send_to(service, GET_HEALTH)
        self.assertIn(b" 200 ", asked.recv(1000))
        half = self.send_to(service, b"GET /hea")
        silent = [self.send_to(service, b"") for _ in range(60)]
        begin = time.monotonic()
        last = self.send_to(service, GET_HEALTH)
        self.assertIn(b" 200 ", last.recv(1000))
        self.assertLess(time.monotonic() - begin, 5)
        for sock in [asked, half, *silent[:11]]:
            self.assertEqual(sock.recv(1000), b"")
        for sock in silent[13:]:
            sock.sendall(GET_HEALTH)
            self.assertIn(b" 200 ", sock.recv(1000))
        service.post([device(1)])
        while b'"D-1"' not in stream.recv(1000):
            pass
        metrics = service.metrics()
        self.assertLessEqual(metrics["http_connections"], 51)
        self.assertGreaterEqual(metrics["http_idle_closed_total"], 13)
        for sock in [stream, asked, half, last, *silent]:
            sock.close()

    def test_one_that_is_silent_keeps_nobody_out(self):
        """Though it is the newest, and all others are busy; who is answered then has to leave."""
        service = self.serve(max_connections=2)
        streams = [self.send_to(service, GET_CHANGES) for _ in range(2)]
        for sock in streams:
            self.assertIn(b" 200 ", sock.recv(1000))
        silent = self.send_to(service, b"")
        last = self.send_to(service, GET_HEALTH)
        last.settimeout(10)
        answer = last.recv(1000)
        self.assertIn(b" 200 ", answer)
        self.assertIn(b"\r\nConnection: close\r\n", answer)
        self.assertEqual(silent.recv(1000), b"")
        for sock in [*streams, silent, last]:
            sock.close()

    def test_nobody_is_cut_off_between_two_requests(self):
        """Clients keep their connections open, and there are three times as many as places."""
        service = self.serve(max_connections=8)
        found = []

        def ask():
            for _ in range(6):
                connection = http.client.HTTPConnection("127.0.0.1", service.ports["http"],
                                                        timeout=WAIT_S)
                for _ in range(3):
                    try:
                        connection.request("POST", "/v1/facts", lines([device(1)]))
                        found.append(json.loads(connection.getresponse().read())["accepted"])
                    except (OSError, http.client.HTTPException) as error:
                        found.append(repr(error))
                        break
                connection.close()

        clients = [threading.Thread(target=ask) for _ in range(24)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.assertEqual(found, [1] * (24 * 6 * 3))

    def test_subjects_with_any_name(self):
        service = self.serve()
        ids = ["A", "%41", "%2541", "a/b", "a?b=c&d", "a b+c", "\u00fc\U0001f600", "#", "%", "..",
               "a\nb"]
        service.post([{"device": {"id": one}} for one in ids])
        for one in ids:
            path = "/v1/subjects/" + urllib.parse.quote(one, safe="")
            self.assertEqual(service.get(path)["subject"], one)
        for count, one in enumerate(ids, 1):
            path = "/v1/subjects/" + urllib.parse.quote(one, safe="")
            self.assertEqual(service.request("DELETE", path)[0], 200, one)
            self.assertEqual(service.metrics()["subjects"], len(ids) - count, one)

    def test_bodies_that_cannot_be_taken(self):
        service = self.serve(allow_unsigned=True)
        for method, path in ("POST", "/v1/facts"), ("PUT", "/v1/rules"):
            status, text = service.request(method, path, gzip.compress(lines([device(1)])),
                                           {"Content-Encoding": "gzip"})
            self.assertEqual((status, json.loads(text)["error"]), (415, "encoding"), path)
        self.assertEqual(service.request("POST", "/v1/facts", lines([device(1)]),
                                         {"Content-Encoding": "identity"})[0], 200)
        with socket.create_connection(("127.0.0.1", service.ports["http"]), WAIT_S) as sock:
            sock.sendall(b"PUT /v1/rules HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Length: 70000000\r\n\r\n")
            self.assertIn(b" 413 ", sock.recv(100))
        # Whoever looks after the service is told, too.
        self.assertEqual(service.request("PUT", "/v1/rules", b"no image")[0], 400)
        self.assertIn("cause=PUT", service.wait_log("rules_refused"))

    def test_the_page_says_what_comes_and_what_came(self):
        service = self.serve(Clock(self.folder, "2026-08-15T12:00:00Z"))
        service.post([device(i, os={"build": "26100.5"}) for i in range(10)])
        service.post([device(i) for i in range(10, 40)])
        page = service.request("GET", "/")[1]
        row = '{} <span class="dim">in {} days</span></th><td class="n">{}<'.format
        for text in (row("2026-08-25T12:00:00Z", 10, 10), row("2026-09-08T17:00:00Z", 24, 30),
                     'In all within 30 days</th><td class="n">40<', " a second<", "POST /v1/facts",
                     "tcp://127.0.0.1:0"):
            self.assertIn(text, page)

    def dates(self, page):
        """Of the first table of the page."""
        table = page.partition("<table>")[2].partition("</table>")[0]
        return re.findall(r'<th>(\S+) <span class="dim">(.*?)</span></th><td>(.*?)</td>', table)

    def test_the_page_begins_with_what_is_next_for_all(self):
        service = self.serve(Clock(self.folder, "2026-08-15T12:00:00Z"))
        service.post([device(i) for i in range(10)])
        page = service.request("GET", "/")[1]
        self.assertLess(page.index("What comes"), page.index("Readiness"))
        self.assertEqual(page.count("What comes"), 1)
        self.assertIn("<b>August</b>", page)
        self.assertEqual(self.dates(page), [("2026-09-08T17:00:00Z", "in 24 days", "September")])

    def test_the_page_has_the_releases_of_windows(self):
        rules = ROOT / "stdlib-rules" / "windows" / "cadence.muster"
        image = self.folder / "cadence.musterc"
        subprocess.run([PROGRAMS.muster, "build", str(rules), "-o", str(image)], check=True,
                       capture_output=True)
        clock = Clock(self.folder, "2026-08-15T12:00:00Z")
        service = self.serve(clock, image)
        hotpatch = ("2026-09-08T17:00:00Z", "in 24 days", "A planned hotpatch")
        for day, dates in (
                ("2026-08-15", [hotpatch, ("2026-10-13T17:00:00Z", "in 59 days",
                                           "A planned baseline")]),
                ("2026-09-10", [("2026-10-13T17:00:00Z", "in 33 days", "A planned baseline")]),
                ("2026-11-21", [])):  # the table ends before
            clock.set(f"{day}T12:00:00Z")
            page = service.request("GET", "/")[1]
            self.assertEqual(page.count("What the calendar has next"), 1)
            self.assertEqual(self.dates(page), dates, day)
        self.assertIn("does not cover this day", page)

    def test_what_facts_decide_is_not_for_all(self):
        rules = self.folder / "some.muster"
        rules.write_text("""module some version 1
facts device { id: text }
facts os { home: bool = false  day: date }
subject device.id
decision lacks "Lacks" { when os.day > 2026-01-01 then late  otherwise early }
decision falls "Falls" {
  when os.home then home
  otherwise away "Far <away>" { on: 2026-09-01, back_home: 2026-09-08T17:00:00Z, gone: 2026-08-01 }
}
""", encoding="utf-8")
        service = self.serve(Clock(self.folder, "2026-08-15T12:00:00Z"), rules)
        service.post([device(1)])
        page = service.request("GET", "/")[1]
        self.assertEqual(page.count("<b>"), 2, "the rules and one decision")
        self.assertIn("<h2>Falls</h2>\n<p><b>Far &lt;away&gt;</b></p>", page)
        self.assertEqual(self.dates(page), [("2026-09-01", "in 16 days", "Far &lt;away&gt;"),
                                            ("2026-09-08T17:00:00Z", "in 24 days", "back home")])
        service.post([device(2, os={"home": True})])
        page = service.request("GET", "/")[1]
        self.assertEqual(page.count("<b>"), 1, "two devices, two outcomes")
        self.assertIn('<th>home</th><td class="n">1<', page)

    def test_a_body_that_nobody_asked_for(self):
        service = self.serve()
        for path in ("/healthz", "/metrics", "/v1/rules", "/v1/verdicts", "/"):
            self.assertEqual(service.request("GET", path, b"x" * 300000)[0], 200, path)

    def test_other_sites_are_refused(self):
        service = self.serve(http_host="muster.example")
        for headers, status in [({"Host": "evil.example"}, 421), ({"Host": "localhost:1"}, 200),
                                ({"Host": "[::1]:7412"}, 200), ({"Host": "MUSTER.example"}, 200),
                                ({"Host": "127.0.0.1.evil.example"}, 421),
                                ({"Origin": "https://evil.example"}, 403),
                                ({"Origin": "null"}, 403),
                                ({"Origin": "http://localhost:7412"}, 200)]:
            self.assertEqual(service.request("GET", "/v1/rules", headers=headers)[0], status,
                             headers)

    def test_bearer_tokens(self):
        (self.folder / "token").write_text("0123456789abcdef\n", encoding="ascii")
        service = self.serve(token_file=self.folder / "token")
        for given, status in [("Bearer 0123456789abcdef", 200), ("bearer 0123456789abcdef", 200),
                              ("Bearer 0123456789abcdeg", 401), ("Bearer 0123456789abcde", 401),
                              ("Bearer 0123456789abcdef0", 401), ("Bearer ", 401),
                              ("Basic x", 401)]:
            self.assertEqual(service.request("GET", "/v1/rules",
                                             headers={"Authorization": given})[0], status, given)
        self.assertEqual(service.request("POST", "/v1/facts", lines([device(1)]))[0], 401)
        self.assertEqual(service.request("GET", "/healthz")[0], 200)
        self.assertNotIn("0123456789abcdef", "".join(service.log))

    def test_https(self):
        key, cert = str(self.folder / "key.pem"), str(self.folder / "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert,
                        "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        service = self.serve(tls_cert=cert, tls_key=key)
        context = ssl.create_default_context(cafile=cert)
        connection = http.client.HTTPSConnection("127.0.0.1", service.ports["https"],
                                                 timeout=WAIT_S, context=context)
        for i in range(3):
            connection.request("POST", "/v1/facts", lines([device(i)] * 5000))
            self.assertEqual(json.loads(connection.getresponse().read())["accepted"], 5000)
        connection.close()

    def test_readiness_and_the_page(self):
        service = self.serve()
        service.post([device(1, os={"build": "26100.5"}, vbs={"status": "running"}), device(2)])
        self.assertEqual(service.request("GET", "/readyz"), (200, "ready\n"))
        status, page = service.request("GET", "/")
        self.assertEqual(status, 200)
        for text in ("fleet.ready@2026.8", "Readiness", "What comes", "2 subjects", "50.0 %"):
            self.assertIn(text, page)
        self.assertNotIn("http://", page)
        self.assertNotIn("<script", page)


def resident(service):
    with open(f"/proc/{service.process.pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) << 10 for line in file if line.startswith("Anonymous:"))


if __name__ == "__main__":
    main()
