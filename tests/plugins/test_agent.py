#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The agent source: reports as devices write them become the facts that windows.from_agent
declares, and are told in the log and moved aside where they are no good."""

import json
import os
import pathlib
import shutil
import time

from fixture import PROGRAMS, Case, Clock, main_at_once

HERE = pathlib.Path(__file__).resolve().parent
RULES = HERE.parent.parent / "stdlib-rules" / "windows"
PLUGIN = pathlib.Path(PROGRAMS.muster).parent / "plugins" / "muster-source-agent.so"
JOINED = (HERE / "reports" / "joined.txt").read_text(encoding="utf-8")
COLLECTED = HERE / "reports" / "collected.json"
ID = "06671ad1-bdd6-4466-a3eb-23b8392456de"

FACTS = {
    "collected_at": "2026-08-14T18:10:14Z", "hostname": "PC-96DA1D",
    "last_boot": "2026-08-01T11:52:04Z", "config_manager": {"Installed": False},
    "current_version": {"CurrentBuild": "26200", "UBR": 9106, "EditionID": "Enterprise",
                        "DisplayVersion": "25H2", "InstallationType": "Client",
                        "ProductName": "Windows 10 Enterprise"},
    "memory_management": {"HotPatchRestrictions": "absent"},
    "environment": {"PROCESSOR_ARCHITECTURE": "AMD64"},
    "secure_boot": {"UEFISecureBootEnabled": 1},
    "policy_manager": {"AllowRebootlessUpdates": 1},
    "enrollment": {"ProviderID": "MS DM Server"},
    "device_guard": {"SecurityServicesConfigured": [2], "SecurityServicesRunning": [2, 3],
                     "VirtualizationBasedSecurityStatus": 2},
    "dsregcmd": {"AzureAdJoined": "YES", "EnterpriseJoined": "NO", "DomainJoined": "NO",
                 "DeviceId": ID,
                 "DeviceAuthStatus": "FAILED. Device is either disabled or deleted"},
    "windows_update": {"History": [
        {"Date": "2026-08-14T12:10:36Z", "Operation": 1, "ResultCode": 4, "HResult": "0x80240438",
         "Title": "2026-08 Security Update (KB5121767) (26200.9106)"},
        {"Date": "2026-08-11T05:15:11Z", "Operation": 1, "ResultCode": 2, "HResult": "0",
         "Title": "May 12, 2026—Hotpatch KB5089466 (OS Builds 26200.8390 and 26100.8390)"},
        {"Date": "2026-07-15T05:15:11Z", "Operation": 1, "ResultCode": 4, "HResult": "0x80240438",
         "Title": "2026-07 Security Update (KB5101650) (26200.8875)"},
        {"Date": "2026-07-14T05:15:11Z", "Operation": 2, "ResultCode": 4, "HResult": "0x80073712",
         "Title": "April 25, 2025—KB5055627(OS Build 26100.3915) Preview"}]},
}

HEAD = "== device\nid : D-1\n"
MALFORMED = {
    "empty.txt": ("", "it has no part 'device' with an id"),
    "headless.txt": ("id : D-1\n", "line 1: it does not begin with a part, as '== device'"),
    "part.txt": (HEAD + "== processes\n", "line 3: there is no part 'processes'"),
    "noid.txt": ("== device\nid :\n", "line 2: the part 'device' has 'id : ...' and nothing else"),
    "agent.txt": (HEAD + "== agent\nconfig_manager : perhaps\n",
                  "line 4: the part 'agent' has no 'config_manager : perhaps'"),
    "dword.txt": (HEAD + "== registry\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\"
                  "CurrentVersion\n    UBR    REG_DWORD    0x123456789\n",
                  "line 5: the registry value UBR is no text and no number: 0x123456789"),
    "keyless.txt": (HEAD + "== registry\n    UBR    REG_DWORD    0x1\n",
                    "line 4: 'UBR    REG_DWORD    0x1' is no line of reg query"),
    "error.txt": (HEAD + "== registry\nERROR: The system was unable to find the key.\n",
                  "line 4: 'ERROR: The system was unable to find the key.' is no line of reg "
                  "query"),
    "guard.txt": (HEAD + "== device_guard\nVirtualizationBasedSecurityStatus : two\n",
                  "line 4: VirtualizationBasedSecurityStatus of Win32_DeviceGuard is no number or "
                  "list: two"),
    "list.txt": (HEAD + "== device_guard\nSecurityServicesRunning : {2, x}\n",
                 "line 4: SecurityServicesRunning of Win32_DeviceGuard is no number or list: "
                 "{2, x}"),
    "updates.txt": (HEAD + "== updates\n2026-08-14\t1\t4\t0x8024ZZZZ\tTitle\n",
                    "line 4: an update is not 'date, operation, result, code, title' with tabs"),
    "fields.txt": (HEAD + "== updates\n2026-08-14\t1\t4\t0\n",
                   "line 4: an update is not 'date, operation, result, code, title' with tabs"),
    "number.txt": (HEAD + "== device_guard\nSecurityServicesRunning : {12345678901}\n",
                   "line 4: SecurityServicesRunning of Win32_DeviceGuard is no number or list: "
                   "{12345678901}"),
    "oem.txt": ((HEAD + "== updates\n2026-08-14\t1\t4\t0\tUpdate f\xfcr Windows\n")
                .encode("cp850"), "it is neither UTF-8 nor UTF-16"),
    "zero.txt": (HEAD + "\0", "it has a zero byte"),
    "list.json": ("[]", "it is not an object {...}"),
    "half.json": ('{"device":{"id":"D-1"', "it is not JSON: line 1, column 21: "),
    "twice.json": ('{"device":{"id":"D-1"},"device":{}}', "it is not JSON: line 1, column "),
    "text.json": ('{"device":{"id":"D-1"},"agent":{"dsregcmd_text":7}}',
                  "agent.dsregcmd_text is not a text"),
    "subject.json": ('{"agent":{}}', "subject"),
}


class Agent(Case):

    def setUp(self):
        super().setUp()
        self.reports = self.folder / "reports"
        self.reports.mkdir()

    def agent(self):
        config = self.folder / "agent.json"
        config.write_text(json.dumps({"folder": str(self.reports), "every_s": 1}))
        rules = self.folder / "rules" / "windows"
        if not rules.exists():  # the image that the service is given is written beside them
            shutil.copytree(RULES, rules)
        return self.serve(Clock(self.folder, "2026-08-15T00:00:00Z"),
                          rules=rules / "hotpatch.muster", state="none",
                          source=f"{PLUGIN}:{config}")

    def put(self, name, text):
        """As others are asked to: under another name first."""
        path = self.reports / name
        temporary = self.reports / f"{name}.tmp"
        temporary.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.rename(temporary, path)

    def wait_empty(self):
        end = time.monotonic() + 30
        while any(path.is_file() for path in self.reports.iterdir()):
            self.assertLess(time.monotonic(), end, list(self.reports.iterdir()))
            time.sleep(0.02)

    def facts(self, service, subject):
        return service.get(f"/v1/subjects/{subject}")["groups"]["agent"]

    def test_a_name_as_long_as_names_can_be(self):
        path = self.reports / ("n" * 251 + ".txt")
        (self.reports / "n.tmp").write_text(JOINED, encoding="utf-8")
        os.rename(self.reports / "n.tmp", path)
        service = self.agent()
        self.wait_empty()
        self.assertTrue(self.facts(service, ID))

    def test_text_reports(self):
        """The same report in the encodings of Windows, and its verdict."""
        wide = JOINED.replace("\n", "\r\n").replace(ID, "wide")
        self.put("plain.txt", JOINED)
        self.put("wide.txt", b"\xff\xfe" + wide.encode("utf-16-le"))
        self.put("marked.txt", b"\xef\xbb\xbf" + JOINED.replace(ID, "marked").encode())
        service = self.agent()
        self.wait_empty()
        for subject in (ID, "wide", "marked"):
            group = self.facts(service, subject)
            self.assertEqual(group["observed"], "2026-08-14T18:10:14Z")
            facts = json.loads(json.dumps(group["facts"]).replace(f'"{subject}"', f'"{ID}"'))
            self.assertEqual(facts, FACTS)
            readiness = service.verdicts(subject)["readiness"]
            self.assertEqual((readiness["outcome"], readiness["invalid"]), ("eligible", []))

    def test_collected(self):
        """What collect.ps1 writes is the same as the record it stands for, posted by HTTP."""
        service = self.agent()
        record = json.loads(COLLECTED.read_text(encoding="utf-8"))
        self.put("PC.json", COLLECTED.read_bytes())
        service.wait_metric('source_records_accepted_total{source="agent/agent"}', lambda n: n == 1)
        subject = record["device"]["id"]
        del record["agent"]["dsregcmd_text"]
        record["agent"]["dsregcmd"] = {"AzureAdJoined": "YES", "EnterpriseJoined": "NO",
                                       "DomainJoined": "YES", "WorkplaceJoined": "NO"}
        self.assertEqual(self.facts(service, subject)["facts"], record["agent"])
        record["device"]["id"] = "posted"
        service.post([record])
        ours, posted = service.verdicts(subject), service.verdicts("posted")
        self.assertEqual(ours["readiness"]["outcome"], "eligible")
        for name, verdict in ours.items():
            self.assertEqual({**verdict, "subject": "posted"},
                             {**posted[name], "since": verdict["since"]})

    def test_malformed(self):
        for name, (text, _says) in MALFORMED.items():
            self.put(name, text)
        self.put("good.txt", HEAD)
        (self.reports / ".hidden.txt").write_text("x")
        (self.reports / "notes.md").write_text("x")
        os.symlink("/etc/hostname", self.reports / "link.txt")
        service = self.agent()
        bad = self.reports / "bad"
        end = time.monotonic() + 30
        while not len(list(bad.glob("*"))) > len(MALFORMED) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual({path.name for path in bad.iterdir()}, {*MALFORMED, "link.txt"})
        self.assertEqual({path.name for path in self.reports.iterdir() if path.is_file()},
                         {".hidden.txt", "notes.md"})
        self.assertEqual(service.get("/v1/subjects/D-1")["groups"]["agent"]["facts"], {})

    def test_reasons(self):
        """Nine at a time, since the log holds back what comes more often."""
        names = list(MALFORMED)
        for some in (names[i:i + 9] for i in range(0, len(names), 9)):
            for name in some:
                self.put(name, MALFORMED[name][0])
            service = self.agent()
            self.wait_empty()
            self.assertEqual(service.stop(), 0)
            lines = [line for line in service.log if " source:agent/agent " in line]
            for name in some:
                with self.subTest(name):
                    line = next(line for line in lines if f" report={name} reason=\"" in line)
                    self.assertIn(MALFORMED[name][1], line)

    def test_a_cut_list_stays_unknown(self):
        self.put("cut.txt", HEAD + "== device_guard\nSecurityServicesRunning : {1, 2, 3, 4...}\n"
                                   "VirtualizationBasedSecurityStatus : 2\n")
        service = self.agent()
        self.wait_empty()
        self.assertEqual(self.facts(service, "D-1")["facts"],
                         {"device_guard": {"VirtualizationBasedSecurityStatus": 2}})

    def test_many_and_newer(self):
        """More than a batch; an older report that comes later changes nothing."""
        for number in range(250):
            self.put(f"{number}.txt", f"== device\nid : D-{number}\n")
        self.put("new.txt", "== device\nid : D\n== agent\ncollected_at : 2026-08-14T00:00:00Z\n"
                            "hostname : NEW\n")
        service = self.agent()
        self.wait_empty()
        self.assertEqual(service.metrics()["subjects"], 251)
        self.put("a.txt", "== device\nid : D\n== agent\ncollected_at : 2026-08-13T00:00:00Z\n"
                          "hostname : OLD\n")
        service.wait_metric("groups_older_total", lambda n: n == 1)
        self.assertEqual(self.facts(service, "D")["facts"]["hostname"], "NEW")


if __name__ == "__main__":
    main_at_once()
