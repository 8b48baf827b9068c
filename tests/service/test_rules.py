#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""New rules under a running service: what may take the place of what, what is emitted, and that no
record gets a verdict of anything but one version."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

from fixture import PROGRAMS, WAIT_S, Case, Clock, build, device, main, write_rules

RELOADS = 100 if PROGRAMS.soak else 6


def minimum_of(version):
    """What the versions of the load test want of a build."""
    return 1 if version == 8 else version * 3 % 10


class Rules(Case):

    def fleet(self, service, count=200):
        service.post([device(i, os={"build": f"26100.{i % 10}"}, vbs={"status": "running"})
                      for i in range(count)])

    def outcomes(self, service, outcome):
        found = service.get(f"/v1/verdicts?outcome={outcome}&limit=1000")["verdicts"]
        return len(found)

    def image(self, version, minimum="26100.1", name="other.muster"):
        return build(write_rules(self.folder, version, minimum, name)).read_bytes()

    def test_sighup_takes_newer_rules_and_emits_what_changes(self):
        service = self.serve()
        self.fleet(service)
        self.assertEqual(self.outcomes(service, "ready"), 180)
        before = int(service.metrics()["change_sequence"])
        write_rules(self.folder, "2026.9", "26100.5")
        service.process.send_signal(signal.SIGHUP)
        service.wait_log("rules_active")
        service.wait_metric("evaluations_rules_total", lambda n: n == 200)
        self.assertEqual(self.outcomes(service, "ready"), 100)
        changes = service.changes(before, 80)
        self.assertEqual({(c["verdict"], c["previous"], c["outcome"]) for _n, _k, c in changes},
                         {("readiness", "ready", "not_ready")})
        self.assertEqual(service.metrics()["change_sequence"], before + 80)
        self.assertEqual(service.get("/v1/rules")["version"], "2026.9")

    def test_rules_that_are_no_good_change_nothing(self):
        service = self.serve()
        self.fleet(service)
        path = write_rules(self.folder)
        good = path.read_text(encoding="utf-8")
        for text, word in [(good.replace("require", "requires"), "cannot be used"),
                           (good.replace("2026.8", "2026.7"), "older"),
                           (good.replace("26100.1", "26100.3"), "raise the version"),
                           (good.replace("fleet.ready version 2026.8",
                                         "fleet.other version 2026.9"), "another module"),
                           (good.replace("2026.8", "2026.9") +
                            '\ntest "wrong" {\n  at 2026-08-15T00:00:00Z\n'
                            '  given device.id = "D"\n  expect readiness == ready\n}\n',
                            "test 'wrong' fails")]:
            path.write_text(text, encoding="utf-8")
            del service.log[:]
            service.process.send_signal(signal.SIGHUP)
            self.assertIn(word, service.wait_log("rules_refused"))
            self.assertEqual(service.get("/v1/rules")["version"], "2026.8")
        self.assertEqual(service.metrics()["rules_refused_total"], 5)
        self.assertEqual(self.outcomes(service, "ready"), 180)

    def test_put_is_off_unless_it_is_allowed(self):
        service = self.serve()
        status, text = service.request("PUT", "/v1/rules", self.image("2026.9"))
        self.assertEqual(status, 403, text)

    def test_put_takes_an_image(self):
        service = self.serve(allow_unsigned=True)
        self.fleet(service)
        status, text = service.request("PUT", "/v1/rules", self.image("2026.9", "26100.9"))
        self.assertEqual((status, json.loads(text)["state"]), (200, "active"))
        service.wait_metric("evaluations_rules_total", lambda n: n == 200)
        self.assertEqual(self.outcomes(service, "ready"), 20)
        status, text = service.request("PUT", "/v1/rules", self.image("2026.8"))
        self.assertEqual(status, 409, text)
        self.assertIn("older", json.loads(text)["message"])
        status, text = service.request("PUT", "/v1/rules?force=1", self.image("2026.8"))
        self.assertEqual(status, 200, text)
        status, text = service.request("PUT", "/v1/rules", b"nonsense")
        self.assertEqual(status, 400, text)
        status, text = service.request("PUT", "/v1/rules", b"")
        self.assertEqual(status, 400, text)

    def test_put_with_a_signature(self):
        for name in ("ours", "theirs"):
            subprocess.run([PROGRAMS.muster, "keygen", "--no-password", "-o",
                            str(self.folder / name)], check=True,
                           stdout=subprocess.DEVNULL)
        service = self.serve(trust_key=self.folder / "ours.pub")
        image = self.image("2026.9")
        path = self.folder / "fleet" / "other.musterc"
        signatures = {}
        for name in ("ours", "theirs"):
            subprocess.run([PROGRAMS.muster, "sign", str(path), "--key", str(self.folder / name)],
                           check=True, stdout=subprocess.DEVNULL)
            text = pathlib.Path(f"{path}.minisig").read_text(encoding="utf-8")
            pathlib.Path(f"{path}.minisig").unlink()
            signatures[name] = {"Muster-Signature": "\t".join(text.splitlines())}
        for body, headers in [(image, {}), (image, signatures["theirs"]),
                              (image[:-1] + b"x", signatures["ours"]),
                              (image, {"Muster-Signature": "nonsense"})]:
            status, text = service.request("PUT", "/v1/rules", body, headers)
            self.assertEqual(status, 400, text)
            self.assertIn("sign", json.loads(text)["message"])
        status, text = service.request("PUT", "/v1/rules", image, signatures["ours"])
        self.assertEqual(status, 200, text)

    def test_a_restart_is_no_way_back_to_older_rules(self):
        service = self.serve(allow_unsigned=True)
        self.fleet(service)
        self.assertEqual(service.request("PUT", "/v1/rules", self.image("2026.9"))[0], 200)
        service.stop()
        again = self.serve(allow_unsigned=True)
        self.assertIn("older", again.wait_log("rules_kept"))
        self.assertEqual(again.get("/v1/rules")["version"], "2026.9")
        self.assertEqual(self.outcomes(again, "ready"), 180)
        again.stop()
        forced = self.serve(force_rules=True)
        self.assertEqual(forced.get("/v1/rules")["version"], "2026.8")

    def test_dry_run_counts_and_changes_nothing(self):
        service = self.serve()
        self.fleet(service)
        before = service.metrics()["change_sequence"]
        status, text = service.request("POST", "/v1/rules/dry-run",
                                       self.image("2026.9", "26100.5"))
        self.assertEqual(status, 200, text)
        report = json.loads(text)
        self.assertEqual((report["state"], report["subjects"], report["flips"]), ("trial", 200, 80))
        cells = {(c["before"], c["after"]): c["count"] for c in report["transitions"]
                 if c["verdict"] == "readiness"}
        self.assertEqual(cells, {("not_ready", "not_ready"): 20, ("ready", "not_ready"): 80,
                                 ("ready", "ready"): 100})
        self.assertEqual(service.metrics()["change_sequence"], before)
        self.assertEqual(service.get("/v1/rules")["version"], "2026.8")

    def test_too_many_flips_stop_an_activation(self):
        service = self.serve(allow_unsigned=True, max_flips="20%")
        self.fleet(service)
        status, text = service.request("PUT", "/v1/rules", self.image("2026.9", "26100.5"))
        self.assertEqual(status, 409, text)
        self.assertIn("80 of 200 subjects (40.00%)", json.loads(text)["message"])
        self.assertEqual(self.outcomes(service, "ready"), 180)
        status, text = service.request("PUT", "/v1/rules", self.image("2026.9", "26100.2"))
        self.assertEqual(status, 200, text)

    def test_rules_that_take_effect_later(self):
        clock = Clock(self.folder, "2026-08-15T00:00:00Z")
        service = self.serve(clock, allow_unsigned="yes")
        self.fleet(service)
        path = write_rules(self.folder, "2026.9 effective from 2026-08-20T00:00:00Z", "26100.9",
                           "later.muster")
        status, text = service.request("PUT", "/v1/rules", build(path).read_bytes())
        self.assertEqual((status, json.loads(text)["state"]), (200, "pending"))
        self.assertEqual(self.outcomes(service, "ready"), 180)
        clock.set("2026-08-20T00:00:00Z")
        service.wait_metric("evaluations_rules_total", lambda n: n == 200)
        self.assertEqual(self.outcomes(service, "ready"), 20)

    def later(self, version="2026.9", minimum="26100.9"):
        return write_rules(self.folder, f"{version} effective from 2026-08-20T00:00:00Z", minimum,
                           f"later{version}.muster")

    def test_rules_for_later_outlive_a_restart(self):
        clock = Clock(self.folder, "2026-08-15T00:00:00Z")
        service = self.serve(clock, allow_unsigned="yes")
        self.fleet(service)
        image = build(self.later()).read_bytes()
        self.assertEqual(service.request("PUT", "/v1/rules", image)[0], 200)
        service.stop()
        again = self.serve(clock, allow_unsigned="yes")
        rules = again.get("/v1/rules")
        self.assertEqual(rules["version"], "2026.8")
        self.assertIn("@2026.9+", rules["pending"])
        again.stop(signal.SIGKILL)
        clock.set("2026-08-20T00:00:01Z")
        third = self.serve(clock, allow_unsigned="yes")
        third.wait_metric("evaluations_rules_total", lambda n: n == 200)
        self.assertEqual(self.outcomes(third, "ready"), 20)
        third.stop()
        last = self.serve(clock, allow_unsigned="yes")
        rules = last.get("/v1/rules")
        self.assertEqual((rules["version"], rules["pending"]), ("2026.9", None))

    def test_a_start_with_rules_for_later_waits_for_their_instant(self):
        clock = Clock(self.folder, "2026-08-15T00:00:00Z")
        service = self.serve(clock)
        self.fleet(service)
        service.stop()
        again = self.serve(clock, self.later())
        rules = again.get("/v1/rules")
        self.assertEqual(rules["version"], "2026.8")
        self.assertIn("@2026.9+", rules["pending"])
        self.assertEqual(self.outcomes(again, "ready"), 180)
        clock.set("2026-08-20T00:00:00Z")
        again.wait_metric("evaluations_rules_total", lambda n: n == 200)
        self.assertEqual(self.outcomes(again, "ready"), 20)

    def test_rules_for_later_that_were_overtaken(self):
        clock = Clock(self.folder, "2026-08-15T00:00:00Z")
        service = self.serve(clock, allow_unsigned="yes")
        self.fleet(service)
        for image in (build(self.later()).read_bytes(), self.image("2026.10", "26100.5")):
            self.assertEqual(service.request("PUT", "/v1/rules", image)[0], 200)
        self.assertIn("2026.9", service.wait_log("rules_dropped"))
        clock.set("2026-08-20T00:00:01Z")
        service.stop()
        again = self.serve(clock, allow_unsigned="yes")
        rules = again.get("/v1/rules")
        self.assertEqual((rules["version"], rules["pending"]), ("2026.10", None))

    def test_subjects_that_were_deleted_are_not_counted(self):
        service = self.serve(allow_unsigned=True)
        self.fleet(service, 20)
        self.assertEqual(service.request("DELETE", "/v1/subjects/D-5")[0], 200)
        self.assertEqual(service.request("PUT", "/v1/rules", self.image("2026.9"))[0], 200)
        service.wait_metric("evaluations_rules_total", lambda n: n == 19)
        counts = [value for name, value in service.metrics().items()
                  if name.startswith("subjects_by_verdict")]
        self.assertEqual(sum(counts), 38)

    def test_verdicts_that_come_and_go_with_the_rules(self):
        service = self.serve(allow_unsigned=True)
        self.fleet(service, 50)
        path = write_rules(self.folder, "2026.9", name="more.muster")
        text = path.read_text(encoding="utf-8")
        text = text.replace("decision release", "decision upcoming")
        text = text.replace("policy readiness",
                            "decision extra { otherwise one }\n\npolicy readiness")
        path.write_text(text, encoding="utf-8")
        status, answer = service.request("PUT", "/v1/rules", build(path).read_bytes())
        self.assertEqual(status, 200, answer)
        service.wait_metric("evaluations_rules_total", lambda n: n == 50)
        self.assertEqual(set(service.verdicts("D-1")), {"extra", "readiness", "upcoming"})
        counts = {name: value for name, value in service.metrics().items()
                  if name.startswith("subjects_by_verdict") and value != 0}
        self.assertEqual(sum(counts.values()), 150)

    def reload(self, service, version, minimum):
        """By HTTP or by the file, in turn."""
        if version % 2 == 0:
            image = self.image(f"2026.{version}", minimum)
            self.assertEqual(service.request("PUT", "/v1/rules", image)[0], 200)
            return
        write_rules(self.folder, f"2026.{version}", minimum)
        service.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + WAIT_S
        while service.get("/v1/rules")["version"] != f"2026.{version}":
            self.assertLess(time.monotonic(), end, "".join(service.log))

    def check_version(self, verdicts):
        """Both verdicts of a record come from one version, and say what it says."""
        one, two = verdicts
        self.assertEqual(one["rules"], two["rules"])
        version = int(one["rules"].partition("@2026.")[2].partition("+")[0])
        is_ready = one["seq"] % 10 >= minimum_of(version)
        self.assertEqual(one["outcome"], "ready" if is_ready else "not_ready")
        return version

    def test_each_verdict_under_load_is_of_one_version(self):
        service = self.serve(allow_unsigned=True, durability="none")
        stream, found, sent, is_over = service.connect(), [], [0], threading.Event()

        def send():
            while not is_over.is_set():
                if 2 * sent[0] - len(found) > 2000:
                    time.sleep(0.001)
                    continue
                stream.send(device(seq % 100, os={"build": f"26100.{seq % 10}"},
                                   vbs={"status": "running"}, seq=seq)
                            for seq in range(sent[0], sent[0] + 100))
                sent[0] += 100

        def read():
            found.extend(json.loads(line) for line in stream.file)

        threads = [threading.Thread(target=send), threading.Thread(target=read)]
        for thread in threads:
            thread.start()
        for version in range(9, 9 + RELOADS):
            self.reload(service, version, f"26100.{minimum_of(version)}")
            end = time.monotonic() + WAIT_S
            while not found or f"@2026.{version}+" not in found[-1]["rules"]:
                self.assertLess(time.monotonic(), end, f"no verdict of version {version}")
                time.sleep(0.002)
        is_over.set()
        threads[0].join()
        stream.sock.shutdown(socket.SHUT_WR)
        threads[1].join()
        stream.close()
        self.assertEqual([v["seq"] for v in found], [i // 2 for i in range(2 * sent[0])])
        versions = [self.check_version(pair) for pair in zip(found[::2], found[1::2])]
        self.assertEqual(versions, sorted(versions))
        self.assertEqual(len(set(versions) - {8}), RELOADS)
        metrics = service.metrics()
        self.assertEqual((metrics["rules_taken_total"], metrics["records_accepted_total"]),
                         (RELOADS, sent[0]))
        self.check_changes_of_versions(service)
        print(f"{RELOADS} reloads under {sent[0]} records, {len(set(versions))} versions answered")

    def check_changes_of_versions(self, service):
        """Changes of a subject follow each other, and each is what its version says."""
        last, before = int(service.metrics()["change_sequence"]), {}
        first = max(0, last - 100000)
        for _number, _kind, change in service.changes(first, last - first):
            key = change["subject"], change["verdict"]
            if first == 0 or key in before:
                self.assertEqual(change["previous"], before.get(key))
            before[key] = change["outcome"]
            version = int(change["rules"].partition("@2026.")[2].partition("+")[0])
            if change["verdict"] == "readiness":
                is_ready = int(change["subject"][2:]) % 10 >= minimum_of(version)
                self.assertEqual(change["outcome"], "ready" if is_ready else "not_ready")

    def test_subjects_are_evaluated_by_rules_that_came_while_it_was_down(self):
        service = self.serve()
        self.fleet(service)
        service.stop()
        again = self.serve(None, write_rules(self.folder, "2026.9", "26100.5"))
        again.wait_metric("evaluations_rules_total", lambda n: n == 200)
        self.assertEqual(self.outcomes(again, "ready"), 100)

    def test_a_changed_file_is_noticed(self):
        service = self.serve()
        write_rules(self.folder, "2026.9", "26100.5")
        service.wait_log("rules_active")

    def test_a_changed_import_is_noticed(self):
        def write(version, minimum):
            path = write_rules(self.folder, version)
            text = path.read_text(encoding="utf-8")
            text = text.replace("facts device", "import fleet.least\n\nfacts device", 1)
            least = self.folder / "fleet" / "least.muster"
            least.write_text(f"module fleet.least version {version}\n"
                             f"let least = {minimum}\n", encoding="utf-8")
            path.write_text(text.replace("26100.1", "least"), encoding="utf-8")
            return path, least

        path, least = write("2026.8", "26100.1")
        service = self.serve(None, path)
        self.fleet(service)
        self.assertEqual(self.outcomes(service, "ready"), 180)
        least.write_text("nonsense", encoding="utf-8")
        self.assertIn("least.muster", service.wait_log("reload"))
        service.wait_log("rules_refused")
        del service.log[:]
        write("2026.9", "26100.5")
        service.wait_log("rules_active")
        service.wait_metric("evaluations_rules_total", lambda n: n == 200)
        self.assertEqual(self.outcomes(service, "ready"), 100)

    def test_a_folder_of_versions(self):
        versions = self.folder / "versions"
        versions.mkdir()

        def put(version, minimum, name):
            (self.folder / "new").write_bytes(self.image(version, minimum))
            os.replace(self.folder / "new", versions / name)

        put("2026.9", "26100.5", "b.musterc")
        put("2026.8", "26100.1", "c.musterc")
        service = self.serve(None, versions)
        self.fleet(service)
        self.assertEqual(service.get("/v1/rules")["version"], "2026.9")
        (versions / "broken.musterc").write_bytes(b"nonsense")
        self.assertIn("state=unchanged", service.wait_log("rules_taken"))
        self.assertIn("broken.musterc' was refused", "".join(service.log))
        put("2026.10", "26100.9", "a.musterc")
        service.wait_log("rules_active")
        service.wait_metric("evaluations_rules_total", lambda n: n == 200)
        self.assertEqual(self.outcomes(service, "ready"), 20)

    def test_folders_that_cannot_be_served(self):
        one = self.image("2026.8")
        text = write_rules(self.folder, name="x.muster").read_text(encoding="utf-8")
        other = self.folder / "other.muster"
        other.write_text(text.replace("fleet.ready", "other"), encoding="utf-8")
        for name, files, word in [("bad", [b"nonsense"], "can be used"),
                                  ("two", [one, build(other).read_bytes()], "several modules")]:
            (self.folder / name).mkdir()
            for number, image in enumerate(files):
                (self.folder / name / f"{number}.musterc").write_bytes(image)
            done = subprocess.run([PROGRAMS.muster, "serve", str(self.folder / name),
                                   "--state=none"], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(word, done.stderr)

    def test_rules_that_cannot_be_served(self):
        path = self.folder / "none.muster"
        for text, word in [("module none\npolicy p { pass a fail b unknown c }\n", "no subject"),
                           ("nonsense", "cannot be used")]:
            path.write_text(text, encoding="utf-8")
            done = subprocess.run([PROGRAMS.muster, "serve", str(path), "--state=none"],
                                  capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    main()
