#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes device records for the benchmark, the same bytes for the same N and SEED.

    make_devices.py N SEED OUT.ndjson

A record has 20 keys and about 1,056 bytes: eight keys that hotpatch5 reads and twelve that it does
not, among them five update objects and an array of tags. 60 % of the devices are eligible, 8 % fail
for each reason, in random order. One record in ten has its keys shuffled, so that no reader may
rely on their order; some texts carry escapes or characters beyond ASCII.
"""
import json
import random
import sys

GOOD_EDITIONS = ["Enterprise", "EnterpriseN", "EnterpriseS", "EnterpriseSN", "Education",
                 "EducationN", "IoTEnterprise", "IoTEnterpriseS"]
GOOD_EDITION_WEIGHTS = [70, 3, 4, 1, 12, 2, 5, 3]
BAD_EDITIONS = ["Professional", "ProfessionalN", "Core", "CoreN", "ProfessionalWorkstation",
                "ProfessionalEducation", "CoreSingleLanguage", "EnterpriseEval"]
GOOD_BUILDS = ["26100.4929", "26100.4946", "26100.6584", "26100.6899", "26200.4929", "26200.6584",
               "26200.6899", "26200.7171"]
BAD_BUILDS = ["22621.4317", "22631.5768", "26100.4652", "26100.3775", "26100.4928", "26200.4770",
              "26200.4061", "19045.6216", "27924.1000", "26100.1742"]
BAD_MDMS = ["SCCM", "Workspace ONE", "None", "Intune-Pending", "intune", "MobileIron"]
MODELS = [
    ("Dell Inc.", ["Latitude 5450", "OptiPlex 7020", "Precision 3680"]),
    ("LENOVO", ["21ML005BUS", "ThinkPad X1 Carbon Gen 12", "30HA0012GE"]),
    ("HP", ["HP EliteBook 840 14\" G11", "HP ProDesk 400 G9", "HP Z2 Tower G9"]),
    ("Microsoft Corporation", ["Surface Pro 10 for Business", "Surface Laptop 6"]),
    ("Panasonic", ["FZ-55 \u00b5TOUGHBOOK", "CF-33"]),
]
TAGS = ["pilot", "ring0", "ring1", "ring2", "kiosk", "lab", "finance", "hr", "engineering",
        "\u00c4u\u00dfendienst", "vip", "shared", "byod", "call-center"]
UPDATES = ["KB5064081", "KB5065426", "KB5066835", "KB5063878", "KB5062553", "KB5060842",
           "KB5058411", "KB5055523", "KB5053598", "KB5052086", "KB5067036"]
CHECKS = {"edition": 1, "build": 2, "vbs": 3, "entra_join": 4, "mdm": 5}


class Maker:
    """Draws devices. The order of the draws is part of the data: a change makes other bytes."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def digits(self, count):
        return "%0*x" % (count, self.random.getrandbits(4 * count))

    def guid(self):
        return (f"{self.digits(8)}-{self.digits(4)}-4{self.digits(3)}-a{self.digits(3)}"
                f"-{self.digits(12)}")

    def time(self):
        draw = self.random.randint
        return "2026-%02d-%02dT%02d:%02d:%02d.%03dZ" % (
            draw(1, 12), draw(1, 28), draw(0, 23), draw(0, 59), draw(0, 59), draw(0, 999))

    def hostname(self):
        kind = "DESKTOP-" if self.chance(.5) else "LT\\" if self.chance(.04) else "LT-"
        return kind + self.digits(7).upper()

    def update(self, kb):
        return {"kb": kb, "installed": self.time(), "state": "installed",
                "size_kb": self.random.randint(1000, 900000), "reboot": self.chance(.5)}

    def facts(self):
        """What the rule reads. Behind the check that fails first, others fail at random."""
        draw = self.random.random()
        first = 0 if draw < .60 else 1 + min(4, int((draw - .60) / .08))

        def fails(check):
            number = CHECKS[check]
            return first == number or (0 < first < number and self.chance(.3))

        choice = self.random.choice
        edition = (choice(BAD_EDITIONS) if fails("edition") else
                   self.random.choices(GOOD_EDITIONS, GOOD_EDITION_WEIGHTS)[0])
        build = choice(BAD_BUILDS if fails("build") else GOOD_BUILDS)
        vbs = not fails("vbs")
        joined = ((False, False) if fails("entra_join") else
                  choice([(True, False), (False, True), (True, True)]))
        mdm = ("Intune", True)
        if fails("mdm"):
            mdm = choice([("Intune", False), (choice(BAD_MDMS), True), (choice(BAD_MDMS), False)])
        return edition, build, vbs, joined, mdm

    def device(self):
        edition, build, vbs, joined, mdm = self.facts()
        maker, models = self.random.choice(MODELS)
        major, revision = build.split(".")
        device = {
            "device_id": self.guid(),
            "hostname": self.hostname(),
            "tenant": "contoso-%03d.onmicrosoft.com" % self.random.randint(0, 40),
            "manufacturer": maker,
            "model": self.random.choice(models),
            "serial": self.digits(10).upper(),
            "edition": edition,
            "os_build": build, "build_major": int(major), "build_rev": int(revision),
            "last_sync": self.time(),
            "vbs_running": vbs,
            "tags": self.random.sample(TAGS, self.random.randint(1, 4)),
            "entra_joined": joined[0], "hybrid_joined": joined[1],
            "installed_updates": [self.update(kb) for kb in self.random.sample(UPDATES, 5)],
            "mdm": mdm[0],
            "hotpatch_policy": mdm[1],
            "ram_mb": self.random.choice([8192, 16384, 32768, 65536]),
            "disk_free_pct": round(self.random.uniform(1, 95), 2),
        }
        if self.chance(.10):
            keys = list(device)
            self.random.shuffle(keys)
            device = {key: device[key] for key in keys}
        return device


def main():
    count, seed, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    maker = Maker(seed)
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        for _ in range(count):
            device = maker.device()
            ascii_only = maker.chance(.5)
            text = json.dumps(device, ensure_ascii=ascii_only, separators=(",", ":"))
            out.write(text + "\n")


if __name__ == "__main__":
    main()
