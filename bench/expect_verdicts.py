#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference for hotpatch5: what each record must give, straight from the text of the rule.

    expect_verdicts.py DEVICES.ndjson FOLDER

writes into FOLDER

    brief.ndjson  the line that every contestant of part (B) must write, byte for byte
    full.ndjson   Muster's full verdict, up to the digest of the rules
    facts.tsv     reason and facts of each device, for the contestants of part (A)

and prints how many devices came to each reason.
"""
import collections
import json
import pathlib
import sys

EDITIONS = {"Enterprise", "EnterpriseN", "EnterpriseS", "EnterpriseSN", "Education", "EducationN",
            "IoTEnterprise", "IoTEnterpriseS"}


def judge(device):
    """The check that fails first and what is said of it; (None, None) for an eligible device."""
    if device["edition"] not in EDITIONS:
        return "edition", f"edition is {device['edition']}"
    major, revision = map(int, device["os_build"].split("."))
    if major not in (26100, 26200) or revision < 4929:
        return "build", f"build is {device['os_build']}"
    if device["vbs_running"] is not True:
        return "vbs", "VBS is not running"
    if not (device["entra_joined"] is True or device["hybrid_joined"] is True):
        return "entra_join", "not joined"
    if not (device["mdm"] == "Intune" and device["hotpatch_policy"] is True):
        return "mdm", f"MDM is {device['mdm']}"
    return None, None


def brief(device, check):
    return {"subject": device["device_id"], "verdict": "readiness",
            "outcome": "not_eligible" if check else "eligible", "check": check,
            "valid_until": None}


def full(device, check, reason):
    line = brief(device, check)
    return {"subject": line["subject"], "verdict": line["verdict"], "outcome": line["outcome"],
            "kind": "fail" if check else "pass", "check": check,
            "label": f"Not eligible ({check})" if check else "Eligible", "reason": reason,
            "remedy": None, "cite": None, "fields": {}, "unknown_checks": [], "advice": [],
            "missing": [], "invalid": [], "stale": [], "undecided": [], "fault": [],
            "at": "2026-08-15T00:00:00Z", "valid_until": None, "rules": "bench.hotpatch5@1.0+"}


def to_line(verdict):
    return json.dumps(verdict, separators=(",", ":"), ensure_ascii=False)


def facts(device, check):
    flags = ("vbs_running", "entra_joined", "hybrid_joined", "hotpatch_policy")
    return "\t".join([check or "eligible", device["edition"], *device["os_build"].split("."),
                      *(str(int(device[flag])) for flag in flags), device["mdm"]])


def main():
    counts = collections.Counter()
    folder = pathlib.Path(sys.argv[2])

    def create(name):
        return open(folder / name, "w", encoding="utf-8", newline="\n")

    with open(sys.argv[1], encoding="utf-8") as records, create("brief.ndjson") as briefs, \
            create("full.ndjson") as fulls, create("facts.tsv") as rows:
        for record in records:
            device = json.loads(record)
            check, reason = judge(device)
            counts[check or "eligible"] += 1
            briefs.write(to_line(brief(device, check)) + "\n")
            # all but the closing '"}', in whose place comes the digest
            fulls.write(to_line(full(device, check, reason))[:-2] + "\n")
            rows.write(facts(device, check) + "\n")
    print(", ".join(f"{counts[reason]:,} {reason}" for reason in sorted(counts)))


if __name__ == "__main__":
    main()
