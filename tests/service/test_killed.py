#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 in full flow, again and again on the same file: every record that was answered is there,
none by half, and the changes are numbered without gaps and tell the same story."""

import json
import random
import signal
import subprocess
import threading
import time

from fixture import PROGRAMS, Case, device, lines, main

ROUNDS = 50 if PROGRAMS.soak else 3
SUBJECTS = 300
BURST = 50


def record(seq):
    """All three groups name the record; the verdict turns with each one."""
    return device(seq % SUBJECTS, seq=seq,
                  os={"build": f"26100.{seq // SUBJECTS % 2}", "edition": f"no. {seq}"},
                  vbs={"status": "running", "no": seq},
                  licence={"assigned": {"plan": f"no. {seq}"}})


class Flow:
    """Sends records from `first` on until the connection breaks."""

    def __init__(self, service, first):
        self.stream = service.connect()
        self.sent = self.first = first
        self.answers = {}
        self.threads = [threading.Thread(target=self.send), threading.Thread(target=self.read)]
        for thread in self.threads:
            thread.start()

    def send(self):
        try:
            while True:
                burst = range(self.sent, self.sent + BURST)
                self.sent += BURST
                self.stream.sock.sendall(lines(record(seq) for seq in burst))
        except OSError:
            pass

    def read(self):
        try:
            for line in self.stream.file:
                if not line.endswith(b"\n"):
                    break
                seq = json.loads(line)["seq"]
                self.answers[seq] = self.answers.get(seq, 0) + 1
        except OSError:
            pass

    def end(self):
        for thread in self.threads:
            thread.join(30)
        self.stream.close()


class Killed(Case):

    def exported(self):
        """What is on the disk: the number of the record that each subject is of."""
        text = subprocess.run([PROGRAMS.muster, "state", "export", str(self.folder / "state.db")],
                              check=True, capture_output=True).stdout
        found = {}
        for line in text.splitlines():
            subject = json.loads(line)
            if "groups" not in subject:
                continue
            groups = {name: group["facts"] for name, group in subject["groups"].items()}
            numbers = {int(groups["os"]["edition"][4:]), groups["vbs"]["no"],
                       int(groups["licence.assigned"]["plan"][4:])}
            self.assertEqual(len(numbers), 1, f"{subject['subject']} is half applied: {groups}")
            found[int(subject["subject"][2:])] = numbers.pop()
        return found

    def check_round(self, flow, kept):
        """Answered means kept, in whole; what was not answered may be there, but nothing else."""
        whole = [seq for seq, count in flow.answers.items() if count == 2]
        last = {}
        for seq in sorted(whole):
            last[seq % SUBJECTS] = seq
        for subject, seq in last.items():
            self.assertGreaterEqual(kept.get(subject, -1), seq, f"D-{subject} was answered")
        for subject, seq in kept.items():
            self.assertEqual(seq % SUBJECTS, subject)
            self.assertLess(seq, flow.sent)
        self.assertEqual(whole, list(range(flow.first, flow.first + len(whole))))
        # What was sent is kept up to some record, and nothing behind it.
        end = max(kept.values(), default=-1) + 1
        for seq in range(max(flow.first, end - SUBJECTS), end):
            self.assertEqual(kept.get(seq % SUBJECTS), seq)
        return len(whole)

    def check_changes(self, service, after, told):
        """The next changes, and what they say of each subject."""
        last = int(service.metrics()["change_sequence"])
        if last > after:
            events = service.changes(after, last - after)
            self.assertEqual([number for number, _kind, _data in events],
                             list(range(after + 1, last + 1)))
            for _number, kind, change in events:
                self.assertEqual(kind, "change")
                key = change["subject"], change["verdict"]
                self.assertEqual(change["previous"], told.get(key), key)
                told[key] = change["outcome"]
        return last

    def check_verdicts(self, service, kept, told):
        for subject in random.sample(sorted(kept), min(len(kept), 20)):
            found = service.verdicts(f"D-{subject}")
            wanted = "ready" if kept[subject] // SUBJECTS % 2 == 1 else "not_ready"
            self.assertEqual(found["readiness"]["outcome"], wanted)
            for name, verdict in found.items():
                self.assertEqual(verdict["outcome"], told[(f"D-{subject}", name)])

    def test_everything_that_was_answered_is_there(self):
        random.seed(20260908)
        service = self.serve(history=10000000)
        sent, changes, answered, told = 0, 0, 0, {}
        for _round in range(ROUNDS):
            flow = Flow(service, sent)
            time.sleep(random.uniform(0.02, 0.4))
            service.stop(signal.SIGKILL)
            flow.end()
            kept = self.exported()
            answered += self.check_round(flow, kept)
            service = self.serve(history=10000000)
            self.assertEqual(service.metrics()["subjects"], len(kept))
            changes = self.check_changes(service, changes, told)
            self.check_verdicts(service, kept, told)
            sent = flow.sent
        self.assertGreater(answered, 10 * ROUNDS)
        print(f"killed {ROUNDS} times: {sent} records sent, {answered} answered, "
              f"{changes} changes, nothing lost")


if __name__ == "__main__":
    main()
