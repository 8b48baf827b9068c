#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Microsoft Graph on loopback, with TLS by a test CA of its own.

    graphd.py --folder DIR [--devices N] [--seed N] [--page N] [--window S] [--port N]

Writes DIR/ca.pem and DIR/secret, then DIR/graphd.json with the address, when it can be asked.
It serves the token endpoint and the parts of /v1.0 and /beta that plugins read, and refuses what
Graph refuses: a missing or old token, more requests in a window than documented, properties that
the version does not have. POST /control takes {"advance": n}, {"faults": [...]} and {"reset":
{option: value}}, which begins anew; it tells what was asked, and with {"truth": true} what a
client should have arrived at.

A fault is {"match": regex of the target, "times": n, "after": n} and one of
{"status": 429, "retry_after": "2.128"}, {"cut": true} (half the JSON), {"drop": true} (half the
body, then the connection is closed), {"slow": seconds}, {"expire": true} (all tokens),
{"text": "..."} (instead of the body), {"foreign": true} (a next page on another host).
"""

import argparse
import asyncio
import collections
import json
import pathlib
import re
import secrets
import signal
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from graph_filter import BadRequest  # noqa: E402
from graph_fleet import EPOCH, Fleet  # noqa: E402
from graph_tenant import NotThere, Tenant  # noqa: E402

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
TENANT_ID = "contoso.example"
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           429: "Too Many Requests"}


def make_certificates(folder):
    """A CA and a certificate for localhost, both of this moment."""
    def run(*arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=folder,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
        "-subj", "/CN=Test CA of graphd", "-addext", "basicConstraints=critical,CA:TRUE")
    run("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "server.ext").write_text("subjectAltName=DNS:localhost\n", encoding="ascii")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2",
        "-set_serial", "2", "-extfile", "server.ext", "-out", "server.pem")


class Faults:
    """What goes wrong next, in the order given."""

    def __init__(self):
        self.list = []

    def take(self, target):
        for fault in self.list:
            if not re.search(fault.get("match", ""), target):
                continue
            if fault.get("after", 0) > 0:
                fault["after"] -= 1
                continue
            fault["times"] = fault.get("times", 1) - 1
            if fault["times"] <= 0:
                self.list.remove(fault)
            return fault
        return {}


class Budget:
    """The documented limit of an app: so many requests in a window."""

    def __init__(self, limit, window):
        self.limit, self.window = limit, window
        self.times = collections.deque()
        self.most = 0

    def take(self):
        """None, or how long to wait."""
        now = time.monotonic()
        while self.times and self.times[0] <= now - self.window:
            self.times.popleft()
        if len(self.times) >= self.limit:
            return self.times[0] + self.window - now
        self.times.append(now)
        self.most = max(self.most, len(self.times))
        return None


class Graph:
    """What is asked and answered, apart from HTTP."""

    def __init__(self, options, secret):
        self.options, self.secret = options, secret
        self.begin()

    def begin(self):
        options = self.options
        self.tenant = Tenant(Fleet(options.devices, options.seed, options.now), options.page)
        self.budget = Budget(options.limit, options.window)
        self.faults = Faults()
        self.tokens = {}
        self.counts = collections.Counter()
        self.asked = collections.Counter()

    def answer(self, method, target, headers, body):
        """(status, headers, object or text, fault)"""
        path, _, query = target.partition("?")
        if path == "/control":
            return 200, {}, self.control(json.loads(body) if method == "POST" else {}), {}
        fault = self.faults.take(target)
        if path.endswith("/oauth2/v2.0/token"):
            self.counts["token"] += 1
            if "status" in fault:
                return self.failure(fault)
            return (*self.token(method, path, body), fault)
        self.counts["graph"] += 1
        if fault.get("expire"):
            self.tokens.clear()
        problem = self.refusal(headers)
        if problem:
            return (*problem, {})
        if "status" in fault:
            return self.failure(fault)
        if method != "GET":
            return (*error(400, "BadRequest", "only GET is served here"), fault)
        try:
            values = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
            if "/transitiveMembers/" in path and ("$count" not in values or
                                                  headers.get("consistencylevel") != "eventual"):
                raise BadRequest("Request_UnsupportedQuery: it needs $count and ConsistencyLevel")
            kind, found = self.tenant.read(path, values, f"https://{headers['host']}")
        except BadRequest as problem:
            return (*error(400, "BadRequest", str(problem)), fault)
        except NotThere:
            self.counts["not_found"] += 1
            return (*error(404, "ResourceNotFound", "Not Found"), fault)
        self.counts[kind] += 1
        if kind == "device":
            self.asked[path.rpartition("/")[2]] += 1
        if fault.get("foreign"):
            found["@odata.nextLink"] = "https://127.0.0.2:9/beta/deviceManagement/managedDevices"
        return 200, {}, found, fault

    def refusal(self, headers):
        """What stands before any resource: the token, then the limit."""
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0) <= time.monotonic():
            self.counts["unauthorized"] += 1
            return error(401, "InvalidAuthenticationToken", "Lifetime validation failed.")
        wait = self.budget.take()
        if wait is not None:
            self.counts["throttled"] += 1
            return error(429, "TooManyRequests", "Too many requests", f"{wait:.3f}")
        return None

    def failure(self, fault):
        self.counts["failed"] += 1
        return (*error(fault["status"], "Fault", "planted", fault.get("retry_after")), fault)

    def token(self, method, path, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        wanted = {"client_id": CLIENT_ID, "client_secret": self.secret,
                  "grant_type": "client_credentials",
                  "scope": "https://graph.microsoft.com/.default"}
        if method != "POST" or path.split("/")[1] != TENANT_ID or form != wanted:
            self.counts["token_refused"] += 1
            return 400, {}, {"error": "invalid_client",
                             "error_description": "AADSTS7000215: Invalid client secret."}
        token = secrets.token_urlsafe(600)  # as long as a real one
        life = self.options.token_seconds + self.options.token_grace
        self.tokens[token] = time.monotonic() + life
        return 200, {}, {"token_type": "Bearer", "expires_in": self.options.token_seconds,
                         "ext_expires_in": self.options.token_seconds, "access_token": token}

    def control(self, wanted):
        if "reset" in wanted:
            vars(self.options).update(wanted["reset"])
            self.begin()
        self.faults.list += wanted.get("faults", [])
        for _ in range(wanted.get("advance", 0)):
            self.tenant.fleet.advance()
        if wanted.get("truth"):
            return list(self.tenant.truth())
        return {"counts": dict(self.counts), "most_in_window": self.budget.most,
                "faults_left": len(self.faults.list),
                "asked_again": sum(n - 1 for n in self.asked.values())}


def error(status, code, message, retry_after=None):
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    body = {"error": {"code": code, "message": message, "innerError": {
        "date": "2026-08-14T12:00:00", "request-id": "0", "code": code}}}
    return status, headers, body


class Connection:
    """One client: requests one after the other."""

    def __init__(self, graph, reader, writer):
        self.graph, self.reader, self.writer = graph, reader, writer

    async def serve(self):
        try:
            while await self.one():
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError,
                asyncio.CancelledError):
            pass  # the client left, or the stand-in ends
        finally:
            self.writer.close()

    async def one(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.split("\r\n")
        method, target, _version = first.split(" ")
        headers = {}
        for line in filter(None, rest):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        status, more, found, fault = self.graph.answer(method, target, headers, body)
        text = fault["text"] if "text" in fault else json.dumps(found, separators=(",", ":"))
        data = text.encode()
        if fault.get("cut"):
            data = data[:len(data) // 2]
        more = {"Content-Type": "application/json", "Content-Length": str(len(data)),
                "Date": time.strftime("%a, %d %b %Y %H:%M:%S GMT",
                                      time.gmtime(self.graph.tenant.fleet.now)), **more}
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}"]
        lines += [f"{name}: {value}" for name, value in more.items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        return await self.send(data, fault)

    async def send(self, data, fault):
        if fault.get("drop"):
            self.writer.write(data[:len(data) // 2])
            await self.writer.drain()
            return False
        if "slow" in fault:
            for at in range(0, len(data), max(1, len(data) // 10)):
                self.writer.write(data[at:at + max(1, len(data) // 10)])
                await self.writer.drain()
                await asyncio.sleep(fault["slow"] / 10)
            return True
        self.writer.write(data)
        await self.writer.drain()
        return True


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=int, default=1000, help="devices in a page at most")
    parser.add_argument("--limit", type=int, default=2000, help="requests in a window")
    parser.add_argument("--window", type=float, default=20, help="the window, in seconds")
    parser.add_argument("--token-seconds", type=int, default=3599)
    parser.add_argument("--token-grace", type=int, default=0, help="taken so long after their end")
    parser.add_argument("--now", default=EPOCH, help="the tenant's instant at the start")
    parser.add_argument("--port", type=int, default=0)
    return parser.parse_args()


async def run(options):
    folder = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "server.pem").exists():
        make_certificates(folder)
        (folder / "secret").write_text(secrets.token_urlsafe(30) + "\n", encoding="ascii")
        (folder / "secret").chmod(0o600)
    graph = Graph(options, (folder / "secret").read_text("ascii").strip())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")

    server = await asyncio.start_server(
        lambda reader, writer: Connection(graph, reader, writer).serve(),
        "127.0.0.1", options.port, ssl=context)
    port = server.sockets[0].getsockname()[1]
    ready = folder / "graphd.new"
    ready.write_text(json.dumps({"url": f"https://localhost:{port}", "client_id": CLIENT_ID,
                                 "tenant": TENANT_ID}), encoding="ascii")
    ready.rename(folder / "graphd.json")
    stop = asyncio.Event()
    for how in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(how, stop.set)
    await stop.wait()
    server.close()


def main():
    asyncio.run(run(parse_options()))


if __name__ == "__main__":
    main()
