#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a fleet of Windows devices as an agent, Intune and Autopatch report them.

    make_fleet.py SEED SIZE OUT [--verdicts OUT.csv] [--at TIME] [--composition]

OUT is NDJSON, one device a line, the same bytes for the same SEED and SIZE. The fleet lives about
2026-08-15; its revisions are those of ../windows/releases.csv. Nothing here is taken from a real device.

--verdicts writes what the rules have to answer at --at (2026-08-15T00:00:00Z if not given): readiness and its
check, track, enrolment, next step, and what the two guides say. That half of this file reads the records again and states the
rules a second time, in Python and from the public documentation, so that an engine can be compared with it.
--composition prints how the fleet is made up, as the table of README.md.
"""
import argparse
import collections
import csv
import datetime as dt
import json
import pathlib
import random
import re

UTC = dt.timezone.utc
FLEET_TIME = dt.datetime(2026, 8, 15, tzinfo=UTC)
RELEASES = pathlib.Path(__file__).resolve().parent.parent / "windows" / "releases.csv"


# ---------------------------------------------------------------------------------------------------
# Part 1: the fleet. A device is drawn first (what is true of it), then told by one to three sources.
# ---------------------------------------------------------------------------------------------------

# What a device is: (name, share in 1,000).
SORTS = [
    ("Enterprise", 690), ("Education", 45), ("Enterprise N or IoT", 20), ("multi-session", 15),
    ("Pro", 70), ("Home", 12), ("LTSC", 25), ("evaluation", 5), ("other edition", 3),
    ("before 24H2", 50), ("26H1", 10), ("26H2", 10), ("Insider", 5), ("server", 40),
]
SKU = {
    "Enterprise": 4, "EnterpriseN": 27, "Education": 121, "EducationN": 122, "IoTEnterprise": 188, "ServerRdsh": 175,
    "EnterpriseS": 125, "EnterpriseSN": 126, "IoTEnterpriseS": 191, "EnterpriseEval": 72, "Professional": 48,
    "ProfessionalWorkstation": 161, "ProfessionalEducation": 164, "Core": 101, "CoreSingleLanguage": 100,
    "PPIPro": 119, "ServerDatacenter": 8, "ServerStandard": 7, "ServerTurbine": 407,
}
# Revision of 24H2 and 25H2: (revision, weight). 0 stands for any earlier row of the table.
REVISIONS = [
    (9106, 46), (9168, 11), (8893, 6), (8875, 9), (8894, 3), (8973, 4), (8655, 5), (8737, 1), (8390, 3), (8457, 2),
    (8246, 2), (7985, 1), (0, 5), (1742, 1), (9000, 1),
]
SERVER_BUILDS = [(26100, 33222), (26100, 33296), (26100, 33301), (26100, 32690), (26100, 6899), (20348, 5499), (20348, 5386)]
DISPLAY_VERSIONS = {
    26100: "24H2", 26200: "25H2", 26300: "26H2", 28000: "26H1", 22631: "23H2", 22621: "22H2", 19045: "22H2", 20348: "21H2",
}
OLD_BUILDS = [(22631, 5768), (22631, 6060), (22621, 4317), (22621, 5413), (19045, 6216)]
MDM_PROVIDERS = {"config_manager": "none", "unmanaged": "none", "defender": "none", "other_mdm": "AirWatchMDM"}
GRAPH_AGENTS = {
    "intune": "mdm", "co_managed": "configurationManagerClientMdm", "co_managed_updates": "configurationManagerClientMdm",
    "config_manager": "configurationManagerClient", "defender": "msSense",
}
GRAPH_JOINS = {"entra_joined": "azureADJoined", "hybrid_joined": "hybridAzureADJoined", "entra_registered": "azureADRegistered"}
GRAPH_VBS = {     # name and number
    "running": ("running", 0), "enabled_not_running": ("rebootRequired", 1), "off": ("notConfigured", 4),
    "unsupported": ("doesNotMeetHardwareRequirements", 5),
}
MODELS = [
    ("Dell Inc.", ["Latitude 5450", "OptiPlex 7020", "Precision 3680"]),
    ("LENOVO", ["21ML005BUS", "ThinkPad X1 Carbon Gen 12", "30HA0012GE"]),
    ("HP", ["HP EliteBook 840 14\" G11", "HP ProDesk 400 G9"]),
    ("Panasonic", ["FZ-55 \u00b5TOUGHBOOK"]),
]
ARM_MODELS = ["Surface Laptop 7", "Surface Pro 11 for Business", "ThinkPad T14s Gen 6"]
PLANS = ["Microsoft 365 E3", "Microsoft 365 E5", "Windows 11 Enterprise E3", "Microsoft 365 F3"]


class Source:
    """Chance, with the few draws that are used here."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    def one(self, things):
        return things[self.random.randrange(len(things))]

    def weighted(self, pairs):
        at = self.random.random() * sum(weight for _, weight in pairs)
        for thing, weight in pairs:
            at -= weight
            if at < 0:
                return thing
        return pairs[-1][0]

    def hexadecimal(self, digits):
        return "%0*x" % (digits, self.random.getrandbits(4 * digits))

    def guid(self):
        h = self.hexadecimal
        return f"{h(8)}-{h(4)}-4{h(3)}-a{h(3)}-{h(12)}"

    def before(self, instant, hours):
        return instant - dt.timedelta(seconds=self.random.randrange(60, int(hours * 3600)))


def stamp(instant, fraction=""):
    return instant.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


def load_releases():
    with open(RELEASES, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw_device(source, number, earlier_revisions):
    """What is true of a device, before anyone reports it."""
    d = {"sort": source.weighted(SORTS), "number": number, "id": source.guid(), "installation": "Client"}
    sort = d["sort"]
    d["edition"] = source.weighted({
        "Education": [("Education", 8), ("EducationN", 1)],
        "Enterprise N or IoT": [("EnterpriseN", 1), ("IoTEnterprise", 2)],
        "multi-session": [("ServerRdsh", 1)],
        "Pro": [("Professional", 8), ("ProfessionalWorkstation", 1), ("ProfessionalEducation", 1)],
        "Home": [("Core", 3), ("CoreSingleLanguage", 1)],
        "LTSC": [("EnterpriseS", 4), ("EnterpriseSN", 1), ("IoTEnterpriseS", 2)],
        "evaluation": [("EnterpriseEval", 1)],
        "other edition": [("PPIPro", 1)],
        "before 24H2": [("Enterprise", 5), ("Professional", 1), ("Education", 1)],
        "server": [("ServerDatacenter", 3), ("ServerStandard", 3), ("ServerTurbine", 1)],
    }.get(sort, [("Enterprise", 1)]))

    d["family"] = 26100 if sort == "LTSC" or source.chance(0.42) else 26200
    d["revision"] = source.weighted(REVISIONS) or source.one(earlier_revisions)
    if d["family"] == 26200 and d["revision"] < 6899:
        d["family"] = 26100                     # 25H2 begins there
    if sort == "before 24H2":
        d["family"], d["revision"] = source.one(OLD_BUILDS)
    elif sort == "26H1":
        d["family"], d["revision"] = 28000, source.one([1575, 1836, 2024])
    elif sort == "26H2":
        d["family"], d["revision"] = 26300, source.one([8875, 9106, 9168])
    elif sort == "Insider":
        d["family"], d["revision"] = source.one([(26120, 4520), (27924, 1000), (29531, 1000)])
    elif sort == "server":
        d["family"], d["revision"] = source.one(SERVER_BUILDS)
        d["installation"] = source.weighted([("Server", 7), ("Server Core", 3)])
    elif sort == "LTSC":
        d["revision"] = source.one([9168, 9168, 8894, 9106])

    d["architecture"] = "arm64" if sort not in ("server", "multi-session") and source.chance(0.13) else "x64"
    d["chpe"] = source.weighted([("off", 62), ("absent", 24), ("on", 5), ("pending", 5), ("unread", 4)])
    d["vbs"] = source.weighted([("running", 87), ("enabled_not_running", 5), ("off", 6), ("unsupported", 2)])
    d["join"] = source.weighted([
        ("entra_joined", 56), ("hybrid_joined", 38), ("entra_registered", 1), ("domain_joined", 4), ("workgroup", 1)])
    d["management"] = source.weighted([
        ("intune", 75), ("co_managed_updates", 12), ("co_managed", 6), ("config_manager", 4), ("other_mdm", 1), ("unmanaged", 2)])
    if sort == "server":
        d["join"] = source.weighted([("domain_joined", 9), ("hybrid_joined", 1)])
        d["management"] = source.weighted([("config_manager", 6), ("unmanaged", 3), ("defender", 1)])
    if sort == "Home":
        d["join"], d["management"] = source.weighted([("entra_registered", 2), ("workgroup", 1)]), "unmanaged"
    d["plan"] = source.one(PLANS)
    if sort == "Education":
        d["plan"] = source.one(["Windows 11 Education A3", "Microsoft 365 A5"])
    if sort == "Pro":
        d["plan"] = source.weighted([
            ("Microsoft 365 Business Premium", 5), ("Microsoft 365 Business Standard", 3), ("none", 1), (None, 2)])
    d["policy"] = source.weighted([("allowed", 78), ("blocked", 7), ("conflict", 2), ("tenant", 13)])
    d["secure_boot"] = 0 if source.chance(0.03) else 1
    d["maker"], models = source.one(MODELS)
    d["model"] = source.one(ARM_MODELS if d["architecture"] == "arm64" else models)
    if d["architecture"] == "arm64":
        d["maker"] = "LENOVO" if d["model"].startswith("ThinkPad") else "Microsoft Corporation"
    d["name"] = ("SRV-" if sort == "server" else source.one(["LT-", "PC-", "DESKTOP-"])) + source.hexadecimal(6).upper()
    d["booted"] = source.before(FLEET_TIME, 24 * 40)
    return d


def draw_reporters(source, d):
    """Who knows the device: only what Intune manages can be in Intune."""
    if d["management"] in ("unmanaged", "other_mdm"):
        return {"agent"}
    return source.weighted([
        ({"agent"}, 30), ({"intune"}, 24), ({"agent", "intune"}, 24),
        ({"agent", "intune", "autopatch"}, 17), ({"intune", "autopatch"}, 5),
    ])


def tell_agent(source, d):
    """What an agent on the device reads from the registry, WMI and dsregcmd."""
    read = source.before(FLEET_TIME, source.weighted([(20, 92), (24 * 25, 4)]))
    if source.chance(0.035):
        read = FLEET_TIME - dt.timedelta(days=source.random.randrange(29, 120), hours=source.random.randrange(24))
    yes = lambda condition: "YES" if condition else "NO"
    joined = d["join"] in ("entra_joined", "hybrid_joined")
    vbs = {"running": 2, "enabled_not_running": 1}.get(d["vbs"], 0)
    agent = {
        "agent_version": source.one(["5.4.1", "5.4.0", "5.3.7"]),
        "collected_at": stamp(read),
        "hostname": d["name"],
        "last_boot": stamp(d["booted"]),
        "model": d["model"],
        "current_version": {
            "CurrentBuild": str(d["family"]), "UBR": d["revision"], "EditionID": d["edition"],
            "DisplayVersion": DISPLAY_VERSIONS.get(d["family"], "Dev"),
            "InstallationType": d["installation"],
            "ProductName": "Windows Server 2025 Datacenter" if d["sort"] == "server" else "Windows 10 Enterprise",
        },
        "environment": {"PROCESSOR_ARCHITECTURE": {"x64": "AMD64", "arm64": "ARM64"}[d["architecture"]]},
        "device_guard": {
            "VirtualizationBasedSecurityStatus": vbs,
            "SecurityServicesConfigured": [2] if vbs else [0],
            "SecurityServicesRunning": [2] if vbs == 2 else [0],
        },
        "secure_boot": {"UEFISecureBootEnabled": d["secure_boot"]},
        "dsregcmd": {
            "AzureAdJoined": yes(joined), "DomainJoined": yes(d["join"] in ("hybrid_joined", "domain_joined")), "EnterpriseJoined": "NO",
        },
        "enrollment": {"ProviderID": MDM_PROVIDERS.get(d["management"], "MS DM Server")},
        "config_manager": {"Installed": d["management"] in ("co_managed", "co_managed_updates", "config_manager")},
        "disk_free_percent": source.random.randrange(3, 95),
    }
    if vbs == 1:      # configured by policy, which is not enough
        agent["device_guard"]["EnableVirtualizationBasedSecurity"] = 1
    if d["join"] == "entra_registered":
        agent["dsregcmd"]["WorkplaceJoined"] = "YES"
    if d["architecture"] == "arm64" and d["chpe"] != "unread":
        agent["memory_management"] = {"HotPatchRestrictions": {"absent": "absent", "on": 0}.get(d["chpe"], 1)}
        if d["chpe"] == "pending":
            agent["memory_management"]["LastWriteTime"] = stamp(d["booted"] + dt.timedelta(minutes=30))
        elif d["chpe"] == "off" and d["number"] % 12:      # one in twelve agents does not read it
            agent["memory_management"]["LastWriteTime"] = stamp(d["booted"] - dt.timedelta(days=90))
    if d["policy"] in ("allowed", "blocked") and source.chance(0.8):
        agent["policy_manager"] = {"AllowRebootlessUpdates": 1 if d["policy"] == "allowed" else 0}
    if d["management"] == "config_manager" or source.chance(0.02):
        agent["windows_update"] = {"WUServer": "http://wsus.corp.example:8530"}
    return agent


def tell_intune(source, d):
    """managedDevice of Microsoft Graph: three in four from beta, and of these most by a GET of one device."""
    beta = source.chance(0.78)
    sync = source.before(FLEET_TIME, source.weighted([(30, 86), (24 * 26, 8)]))
    if source.chance(0.05):
        sync = FLEET_TIME - dt.timedelta(days=source.random.randrange(29, 200), hours=source.random.randrange(24))
    enrolled = {
        "entra_joined": ["windowsAzureADJoin", "windowsAzureADJoinUsingDeviceAuth", "windowsAutoEnrollment"],
        "hybrid_joined": ["windowsAutoEnrollment", "windowsAutoEnrollment"], "entra_registered": ["userEnrollment"],
    }.get(d["join"], ["windowsAutoEnrollment"])
    intune = {
        "id": source.guid(), "deviceName": d["name"], "operatingSystem": "Windows",
        "osVersion": "10.0.%d.%d" % (d["family"], d["revision"]),
        "azureADDeviceId": d["id"], "azureADRegistered": d["join"] in ("entra_joined", "hybrid_joined"),
        "managementAgent": GRAPH_AGENTS[d["management"]],
        "deviceEnrollmentType": source.one(enrolled),
        "managedDeviceOwnerType": "personal" if source.chance(0.02) else "company",
        "lastSyncDateTime": "0001-01-01T00:00:00Z" if source.chance(0.004) else stamp(sync, source.one(["", ".1234567"])),
        "complianceState": source.one(["compliant", "compliant", "compliant", "noncompliant", "unknown"]),
        "manufacturer": d["maker"], "model": d["model"],
        "serialNumber": source.hexadecimal(10).upper(), "userPrincipalName": "u%05d@contoso.example" % d["number"],
        "totalStorageSpaceInBytes": 511083282432,
    }
    if d["management"].startswith("co_managed"):
        updates = d["management"] == "co_managed_updates"
        intune["deviceEnrollmentType"] = "windowsCoManagement"
        intune["configurationManagerClientEnabledFeatures"] = {
            "inventory": True, "resourceAccess": True, "compliancePolicy": True,
            "deviceConfiguration": updates or source.chance(0.5), "windowsUpdateForBusiness": updates,
        }
        if beta:
            intune["configurationManagerClientEnabledFeatures"]["officeApps"] = updates and source.chance(0.9)
    if d["plan"] and source.chance(0.55 if d["sort"] != "Pro" else 0.95):
        intune["licence"] = d["plan"]
    if beta:
        intune["skuNumber"] = SKU[d["edition"]]
        intune["skuFamily"] = "Pro" if d["sort"] == "Pro" else "Enterprise"
        intune["joinType"] = GRAPH_JOINS.get(d["join"], "unknown")
        intune["processorArchitecture"] = {"x64": "x64", "arm64": "arM64"}[d["architecture"]]
        intune["hardwareInformation"] = None
        if source.chance(0.88):
            state, number = GRAPH_VBS[d["vbs"]]
            intune["hardwareInformation"] = {
                "deviceGuardVirtualizationBasedSecurityState": number if source.chance(0.08) else state,
                "tpmVersion": "2.0, 0, 1.38",
            }
    return intune


def tell_autopatch(source, d):
    """azureADDevice of Graph windowsUpdates, and what the collector made of policies and tenant."""
    autopatch = {
        "readAt": stamp(source.before(FLEET_TIME, 12)),
        "enrollment": {
            "quality": {"enrollmentState": source.weighted([
                ("enrolledWithPolicy", 6), ("enrolled", 3), ("notEnrolled", 1), ("enrolling", 0.3)])},
            "feature": {"enrollmentState": "enrolled"},
        },
    }
    counts = {"allowed": (1, 0), "blocked": (0, 1), "conflict": (1, 1), "tenant": (0, 0)}[d["policy"]]
    if source.chance(0.75):
        autopatch["qualityUpdatePolicies"] = {"hotpatchAllowed": counts[0], "hotpatchBlocked": counts[1]}
    else:
        experience = {"isHotpatchEnabled": d["policy"] == "allowed", "daysUntilForcedReboot": 2}
        if source.chance(0.2):      # as an older page of the documentation has it
            experience = {"IsHotpatchEnabled": "true" if d["policy"] == "allowed" else "false"}
        autopatch["updatePolicy"] = {"id": source.guid(), "deploymentSettings": {"userExperience": experience}}
    if source.chance(0.7):
        autopatch["tenant"] = {"hotpatchDefault": True}
    return autopatch


# What the update history ends with, (KB, title), and codes that it may end with: as a number, as the agent has it apart.
NET_UPDATE = ("KB5119994", "2026-08 .NET Framework Security Update (KB5119994)")
DEFINITIONS = (None, "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 (Version 1.435.118.0)")
TITLES = [
    "{month} Security Update ({kb}) ({build})", "{month} Cumulative Update for Windows 11, version {release} for x64-based Systems ({kb}) ({build})",
    "August 11, 2026\u2014Hotpatch {kb} (OS Build {build})", "August 11, 2026 \u2014 {kb} (OS Build {build})",
]
ERROR_CODES = [-2145123272, -2147024893, -2146498270, -2145123274, -2147012894, -2145107934, -2145123271]     # the last one is in no list
ERROR_TEXTS = ["0x80240438", "0x800F0922", "0x80070003", "0x80073712", "E_FAIL"]


def entry(source, name, title, date, result=2, code=0):
    """IUpdateHistoryEntry, as a collector writes it; not every collector tells the KB apart from the title."""
    told = {"Title": title, "Date": stamp(date), "Operation": 1, "ResultCode": result, "HResult": code}
    if name and source.chance(0.5):
        told["KB"] = name
    return told


def tell_history(source, d, agent, releases):
    """The newest entries of the update history; most of it is over since the device last started."""
    booted, now = d["booted"], read_time(agent["collected_at"])
    if now is None or now <= booted:
        return None
    row = next((row for row in releases if int(row["ubr"]) == d["revision"] and row["date"] < "2026-08-15"), None)
    entries = [entry(source, *NET_UPDATE, booted + (now - booted) / 3), entry(source, *DEFINITIONS, booted - dt.timedelta(days=2))]
    if row and d["family"] in (26100, 26200):
        title = source.one(TITLES).format(kb=row["kb"], month=row["date"][:7], release=DISPLAY_VERSIONS[d["family"]],
                                          build="%d.%d" % (d["family"], d["revision"]))
        entries.append(entry(source, row["kb"], title, booted - dt.timedelta(minutes=10)))
    waiting = source.weighted([(None, 84), ("KB5101650", 9), ("KB5121003", 4), ("KB5120994", 3)])
    if waiting:       # installed since the last start
        title = "2026-08 Security Update (%s) (%d.0)" % (waiting, d["family"])
        entries.insert(0, entry(source, waiting, title, booted + (now - booted) / 2))
    if source.chance(0.12):
        entries.insert(0, entry(source, "KB5120994", "2026-08 Security Update (KB5120994)", now, 4, source.one(ERROR_CODES)))
    return entries


def tell_more(seed, d, record, releases):
    """What came later than the rest of this file: its chance is of its own, so that the rest stays as it was."""
    source = Source("%s/%d" % (seed, d["number"]))
    agent = record.get("agent")
    if agent:
        agent["device_guard"]["EnableVirtualizationBasedSecurity"] = 1 if d["vbs"] != "off" or source.chance(0.2) else 0
        if d["vbs"] == "running" and source.chance(0.25):      # VBS runs without memory integrity
            agent["device_guard"]["SecurityServicesRunning"] = source.one([1, [1], [0]])
        history = tell_history(source, d, agent, releases) if source.chance(0.7) else None
        if history:
            agent.setdefault("windows_update", {})["History"] = history
        elif source.chance(0.3):
            agent.setdefault("windows_update", {})["LastError"] = source.one(ERROR_TEXTS + ["0x0", "0"])
    ring = source.weighted([("Test", 8), ("First", 12), ("Fast", 25), ("Ring3", 35), ("Last", 17), ("Workshop", 3)])
    if "autopatch" in record:
        record["autopatch"]["ring"] = {"displayName": ring, "isHotpatchEnabled": d["policy"] != "blocked", "isPaused": source.chance(0.05)}
    state = source.weighted([("accepted", 70), ("running", 14), ("planned", 6), (None, 10)])
    if state:
        record["rollout"] = {"ring": ring, "pilot_accepted": state == "accepted",
                             "pilot_started": "2026-09-01T08:00:00Z" if state == "planned" else "2026-07-20T08:00:00Z"}
        if state == "accepted":
            record["rollout"]["pilot_accepted_at"] = "2026-08-03T08:00:00Z"
    return ring, state


def drop(path):
    def apply(record):
        *groups, key = path.split(".")
        for group in groups:
            record = record.get(group)
            if not isinstance(record, dict):
                return False
        return record.pop(key, None) is not None
    return apply


def put(path, change):
    def apply(record):
        *groups, key = path.split(".")
        for group in groups:
            record = record.get(group)
            if not isinstance(record, dict):
                return False
        if record.get(key) is None:
            return False
        record[key] = change(record[key])
        return True
    return apply


# What goes wrong between a device and its record: (name, change). Some of it is readable all the same
# (a number as text), some is not there, some is of a wrong type or says nothing.
DEFECTS = [
    ("number as text: UBR", put("agent.current_version.UBR", str)),
    ("number for text: CurrentBuild", put("agent.current_version.CurrentBuild", int)),
    ("number as text: VBS", put("agent.device_guard.VirtualizationBasedSecurityStatus", str)),
    ("number as text: skuNumber", put("intune.skuNumber", str)),
    ("text for bool: workload", put("intune.configurationManagerClientEnabledFeatures.windowsUpdateForBusiness", lambda v: "Yes" if v else "no")),
    ("missing: EditionID", drop("agent.current_version.EditionID")),
    ("missing: UBR", drop("agent.current_version.UBR")),
    ("missing: device_guard", drop("agent.device_guard")),
    ("missing: dsregcmd", drop("agent.dsregcmd")),
    ("missing: InstallationType", drop("agent.current_version.InstallationType")),
    ("missing: managementAgent", drop("intune.managementAgent")),
    ("missing: lastSyncDateTime", drop("intune.lastSyncDateTime")),
    ("null: VBS", put("agent.device_guard.VirtualizationBasedSecurityStatus", lambda v: None)),
    ("null: osVersion", put("intune.osVersion", lambda v: None)),
    ("null: AzureAdJoined", put("agent.dsregcmd.AzureAdJoined", lambda v: None)),
    ("wrong type: osVersion as a number", put("intune.osVersion", lambda v: float(".".join(v.split(".")[2:])))),
    ("wrong type: UBR not a number", put("agent.current_version.UBR", lambda v: "%d (patched)" % v)),
    ("wrong type: localised AzureAdJoined", put("agent.dsregcmd.AzureAdJoined", lambda v: "JA" if v == "YES" else "NEIN")),
    ("wrong type: workload", put("intune.configurationManagerClientEnabledFeatures.windowsUpdateForBusiness", lambda v: "enabled")),
    ("wrong type: VBS as a bool", put("agent.device_guard.VirtualizationBasedSecurityStatus", lambda v: v == 2)),
    ("wrong type: lastSyncDateTime", put("intune.lastSyncDateTime", lambda v: "14.08.2026 08:15")),
    ("wrong type: collected_at", put("agent.collected_at", lambda v: 1786752000)),
    ("build off the range", put("agent.current_version.UBR", lambda v: v + 100000)),
    ("osVersion without revision", put("intune.osVersion", lambda v: v.rpartition(".")[0])),
    ("skuNumber 0", put("intune.skuNumber", lambda v: 0)),
    ("unknownFutureValue: managementAgent", put("intune.managementAgent", lambda v: "unknownFutureValue")),
    ("unknownFutureValue: joinType", put("intune.joinType", lambda v: "unknownFutureValue")),
    ("unknownFutureValue: processorArchitecture", put("intune.processorArchitecture", lambda v: "unknownFutureValue")),
    ("unknownFutureValue: VBS", put("intune.hardwareInformation.deviceGuardVirtualizationBasedSecurityState", lambda v: "unknownFutureValue")),
    ("Graph's own other: VBS", put("intune.hardwareInformation.deviceGuardVirtualizationBasedSecurityState", lambda v: "other")),
    ("new member: managementAgent", put("intune.managementAgent", lambda v: "windowsManagementCloudApi")),
]


def tell_os(source, d):
    """A few collectors write the common facts themselves; some of them a build as a number, which loses zeros."""
    build = "%d.%d" % (d["family"], d["revision"])
    return {"build": float(build) if source.chance(0.5) else build}


def make_record(seed, source, number, releases, tally):
    d = draw_device(source, number, [int(row["ubr"]) for row in releases if row["date"] < "2026-04-01"])
    reporters = draw_reporters(source, d)
    record = {"device": {"id": d["id"]}, "tenant": "contoso.example"}
    if "agent" in reporters:
        record["agent"] = tell_agent(source, d)
    if "intune" in reporters:
        record["intune"] = tell_intune(source, d)
    if "autopatch" in reporters:
        record["autopatch"] = tell_autopatch(source, d)
    ring, state = tell_more(seed, d, record, releases)
    tally["ring"][ring] += 1
    tally["pilot"][state or "not told"] += 1
    tally["device"][d["sort"]] += 1
    tally["architecture"][d["architecture"] + (", CHPE " + d["chpe"] if d["architecture"] == "arm64" else "")] += 1
    tally["reported by"][" + ".join(sorted(reporters))] += 1
    tally["management"][d["management"]] += 1
    tally["VBS"][d["vbs"]] += 1
    tally["join"][d["join"]] += 1
    if source.chance(0.015):
        record["os"] = tell_os(source, d)
        tally["defect"]["common fact: build as a " + ("number" if isinstance(record["os"]["build"], float) else "text")] += 1
    elif source.chance(0.13):
        for _ in range(20):                       # the first change that this record has the key for
            name, change = source.one(DEFECTS)
            if change(record):
                tally["defect"][name] += 1
                break
    return record


def make_fleet(seed, size):
    releases = load_releases()
    source = Source(seed)
    tally = collections.defaultdict(collections.Counter)
    return [make_record(seed, source, number, releases, tally) for number in range(size)], tally


# ---------------------------------------------------------------------------------------------------
# Part 2: what is to be answered. True, False, or None where it is not known. Nothing below looks at how
# the fleet was made; it reads the record as it will be delivered.
# ---------------------------------------------------------------------------------------------------

MAX_AGE = dt.timedelta(days=28)


class Reader:
    """Reads one source of a record: a value, or None where it is absent, unreadable or too old."""

    def __init__(self, record, name, time_key, now):
        self.group = record.get(name) if isinstance(record.get(name), dict) else {}
        given = self.group.get(time_key)
        observed = read_time(given)
        # A time that is there but is none must not pass for now.
        self.stale = given is not None if observed is None else now - observed >= MAX_AGE

    def raw(self, path):
        value = self.group
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return None if self.stale else value

    def integer(self, path):
        value = self.raw(path)
        if isinstance(value, bool):
            return None
        if isinstance(value, float):
            return int(value) if value == int(value) else None
        if isinstance(value, str):
            digits = value[1:] if value.startswith("-") else value
            return int(value) if digits.isascii() and digits.isdigit() else None
        return value if isinstance(value, int) else None

    def boolean(self, path):
        value = self.raw(path)
        if isinstance(value, bool):
            return value
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(str(value).lower())

    def word(self, path):
        """The spelling of an enum, in small letters; what says nothing is None."""
        value = self.raw(path)
        if value is None or isinstance(value, (dict, list)):
            return None
        text = json.dumps(value) if isinstance(value, (bool, int, float)) else value
        return None if text.lower() in ("", "unknown", "unknownfuturevalue") else text.lower()

    def time(self, path):
        return read_time(self.raw(path))


def read_time(value):
    if not isinstance(value, str) or "T" not in value or not value.endswith("Z"):
        return None
    try:
        return dt.datetime.strptime(value[:-1].split(".")[0], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def read_build(text):
    """[family, revision, ...] of a version text such as 26100.9106 or 10.0.26100.9106."""
    parts = text.split(".") if isinstance(text, str) else []
    if not 1 <= len(parts) <= 4 or not all(p.isascii() and p.isdigit() and len(p) <= 5 and int(p) <= 65535 for p in parts):
        return None
    numbers = [int(p) for p in parts] + [0] * (4 - len(parts))
    return numbers[2:] if numbers[:2] == [10, 0] else numbers


def first(*values):
    return next((value for value in values if value is not None), None)


def either(a, b):
    """Kleene's or."""
    return True if a is True or b is True else None if a is None or b is None else False


EDITIONS = {str(number): name.lower() for name, number in SKU.items() if name != "PPIPro"}
ELIGIBLE = {"enterprise", "enterprisen", "education", "educationn", "iotenterprise", "serverrdsh"}
PRO = {"professional", "professionaln", "professionalworkstation", "professionalworkstationn", "professionaleducation", "professionaleducationn"}
LTSC = {"enterprises", "enterprisesn", "iotenterprises"}
UNSTATED = {"enterpriseeval", "enterpriseneval", "enterpriseseval", "enterprisesneval", "iotenterprisek", "iotenterprisesk"}
HOME = {"core", "coren", "corecountryspecific", "coresinglelanguage", "cloudedition", "cloudeditionn"}
SERVER = {"serverstandard", "serverdatacenter", "serverstandardeval", "serverdatacentereval", "serverturbine"}
# 2 is running in WMI, 0 is running in Graph.
WMI_VBS = {"2": True, "running": True, "1": False, "enabled_not_running": False, "0": False, "off": False}
GRAPH_VBS_RUNS = {
    "running": True, "0": True, "rebootrequired": False, "1": False, "require64bitarchitecture": False, "2": False,
    "notlicensed": False, "3": False, "notconfigured": False, "4": False, "doesnotmeethardwarerequirements": False, "5": False,
}
GRAPH_JOINED = {"azureadjoined": True, "hybridazureadjoined": True, "azureadregistered": False}
JOINING_ENROLLMENTS = {"windowsazureadjoin", "windowsazureadjoinusingdeviceauth", "windowsbulkazuredomainjoin"}
CLIENT_AGENTS = {"mdm", "easmdm", "configurationmanagerclientmdm", "configurationmanagerclientmdmeas"}
GRAPH_AUTHORITIES = {
    "mdm": "intune", "easmdm": "intune",
    "configurationmanagerclientmdm": "co-managed", "configurationmanagerclientmdmeas": "co-managed",
    "configurationmanagerclient": "other", "eas": "other", "intuneclient": "other", "easintuneclient": "other", "jamf": "other",
    "googleclouddevicepolicycontroller": "other", "microsoft365managedmdm": "other", "mssense": "other",
}
NEWS_PLANS = {     # E3/E5/A3/A5, by every name that the terms list
    "windows 11 enterprise e3", "windows 11 enterprise e5", "microsoft 365 e3", "microsoft 365 e5",
    "windows 11 education a3", "windows 11 education a5", "microsoft 365 a3", "microsoft 365 a5",
}
NO_HOTPATCH_PLANS = {"microsoft 365 business basic", "microsoft 365 business standard", "none"}


class Facts:
    """What a record says, however it says it: the device's own word first, the service's first for management."""

    def __init__(self, record, now):
        agent = Reader(record, "agent", "collected_at", now)
        intune = Reader(record, "intune", "lastSyncDateTime", now)
        autopatch = Reader(record, "autopatch", "readAt", now)
        self.build = self.find_build(record, agent, intune)
        self.edition = self.find_edition(agent, intune)
        via = intune.word("managementAgent")
        self.installation = first(agent.word("current_version.InstallationType"), "client" if via in CLIENT_AGENTS else None)
        self.architecture = first(self.find_agent_architecture(agent), intune.word("processorArchitecture"))
        self.vbs = first(WMI_VBS.get(agent.word("device_guard.VirtualizationBasedSecurityStatus")),
                         GRAPH_VBS_RUNS.get(intune.word("hardwareInformation.deviceGuardVirtualizationBasedSecurityState")))
        self.chpe_disabled = self.find_chpe(agent)
        self.entra = first(agent.boolean("dsregcmd.AzureAdJoined"), GRAPH_JOINED.get(intune.word("joinType")),
                           True if intune.word("deviceEnrollmentType") in JOINING_ENROLLMENTS else None)
        self.authority = first(GRAPH_AUTHORITIES.get(via), self.find_agent_authority(agent))
        self.updates = intune.boolean("configurationManagerClientEnabledFeatures.windowsUpdateForBusiness")
        self.plan = intune.word("licence")
        self.hvci = self.find_hvci(agent)
        self.secure_boot = agent.boolean("secure_boot.UEFISecureBootEnabled")
        self.autopatch = autopatch.word("enrollment.quality.enrollmentState")
        self.allowed = self.find_allowed(agent, autopatch)
        self.booted = agent.time("last_boot")
        self.history = agent.raw("windows_update.History") or []
        self.policies = [autopatch.integer("qualityUpdatePolicies.hotpatch" + what) for what in ("Allowed", "Blocked")]

    @staticmethod
    def find_build(record, agent, intune):
        given = record.get("os", {}).get("build")
        if given is not None:                     # a number has lost its zeros: not readable, and not replaced
            version = read_build(given)
            return version and (version[0], version[1])
        family, revision = agent.integer("current_version.CurrentBuild"), agent.integer("current_version.UBR")
        if family is not None and revision is not None and 0 <= family <= 65535 and 0 <= revision <= 65535:
            return family, revision
        version = read_build(intune.raw("osVersion"))
        return version and (version[0], version[1])

    @staticmethod
    def find_edition(agent, intune):
        edition = agent.word("current_version.EditionID")
        edition = EDITIONS.get(edition, edition) if edition != "0" else None
        sku = intune.word("skuNumber")
        return first(edition, EDITIONS.get(sku, sku) if sku != "0" else None)

    @staticmethod
    def find_hvci(agent):
        running = agent.raw("device_guard.SecurityServicesRunning")
        return None if running is None else 2 in (running if isinstance(running, list) else [running])

    @staticmethod
    def find_allowed(agent, autopatch):
        """Policies on the device first, and then both counts are needed; else the tenant's setting; else the device."""
        allowing, blocking = (autopatch.integer("qualityUpdatePolicies.hotpatch" + what) for what in ("Allowed", "Blocked"))
        if (allowing or 0) > 0 or (blocking or 0) > 0:
            return False if allowing == 0 else None if allowing is None or blocking is None else True
        experience = "updatePolicy.deploymentSettings.userExperience."
        told = first(autopatch.boolean(experience + "isHotpatchEnabled"), autopatch.boolean(experience + "IsHotpatchEnabled"),
                     autopatch.boolean("ring.isHotpatchEnabled"))
        tenant = autopatch.boolean("tenant.hotpatchDefault") if allowing == 0 and blocking == 0 else None
        return first(tenant, told, agent.boolean("policy_manager.AllowRebootlessUpdates"))

    @staticmethod
    def find_chpe(agent):
        disabled = {"1": True, "0": False, "absent": False}.get(agent.word("memory_management.HotPatchRestrictions"))
        written, booted = agent.time("memory_management.LastWriteTime"), agent.time("last_boot")
        if not disabled:
            return disabled
        return None if written is None or booted is None else written < booted     # restarted since

    @staticmethod
    def find_agent_architecture(agent):
        architecture = first(agent.word("environment.PROCESSOR_ARCHITEW6432"), agent.word("environment.PROCESSOR_ARCHITECTURE"))
        return "x64" if architecture == "amd64" else architecture

    @staticmethod
    def find_agent_authority(agent):
        provider, config_manager = agent.word("enrollment.ProviderID"), agent.boolean("config_manager.Installed")
        if provider is None:
            return None
        if provider == "ms dm server":
            return None if config_manager is None else "co-managed" if config_manager else "intune"
        return None if config_manager is None else "other"


def is_server(facts):
    family, revision = facts.build or (None, None)
    by_build = None if family is None else family in (20348, 25398) or (family == 26100 and revision >= 30000)
    by_type = None if facts.installation is None else facts.installation in ("server", "server core")
    by_edition = None if facts.edition is None else facts.edition in SERVER
    return either(by_build, first(by_type, by_edition))


def unsettled(family):
    """26H2, and whatever comes later; and what has not the five digits of a build."""
    return family == 26300 or family > 28000 or family < 10000


def check_edition(facts):
    edition = facts.edition
    if edition is None:
        return None
    if edition in PRO:
        return False if facts.plan in NO_HOTPATCH_PLANS else None
    if edition in LTSC or edition in UNSTATED:
        return None
    if edition in ELIGIBLE:
        return None if facts.plan in NO_HOTPATCH_PLANS else True
    if edition in HOME or edition in SERVER:
        return False
    return False if is_server(facts) else None   # an edition that nobody described


def check_build(facts):
    server = is_server(facts)
    if facts.build is None:
        return False if server else None
    family = facts.build[0]
    if unsettled(family):
        return False if server else None
    if family not in (26100, 26200):
        return False
    return None if server is None else not server


def check_chpe(facts):
    if facts.architecture is None:
        return True if facts.chpe_disabled else None
    return True if facts.architecture != "arm64" else facts.chpe_disabled


def check_mdm(facts):
    if facts.authority is None:
        return None
    return {"intune": True, "co-managed": facts.updates}.get(facts.authority, False)


def check_policies(facts):
    """Contradicting policies are the only ones that matter here."""
    return None if all(count is not None and count > 0 for count in facts.policies) else True


CHECKS = [("edition", check_edition), ("build", check_build), ("vbs", lambda f: f.vbs), ("chpe", check_chpe),
          ("entra_join", lambda f: f.entra), ("mdm", check_mdm), ("policies", check_policies)]


def answer_readiness(facts):
    results = [(name, check(facts)) for name, check in CHECKS]
    for name, result in results:
        if result is False:
            return "not_eligible", name
    for name, result in results:
        if result is None:
            return "undetermined", name
    return "eligible", ""


def released_at(day):
    """10:00 Pacific: 17:00 UTC from the second Sunday of March to the first of November, else 18:00."""
    def sunday(month, nth):
        start = dt.date(day.year, month, 1)
        return start + dt.timedelta(days=(6 - start.weekday()) % 7 + 7 * (nth - 1))
    summer = sunday(3, 2) <= day < sunday(11, 1)
    return dt.datetime(day.year, day.month, day.day, 17 if summer else 18, tzinfo=UTC)


def patch_tuesday_after(instant):
    month = instant.date().replace(day=1)
    while True:
        day = month + dt.timedelta(days=(1 - month.weekday()) % 7 + 7)
        if released_at(day) > instant:
            return released_at(day)
        month = (month + dt.timedelta(days=32)).replace(day=1)


def waits_for_restart(facts, past):
    """Something above the running revision is installed since the last start, and is no hotpatch."""
    for told in facts.history[:16]:
        named = told.get("KB") or "".join(re.findall(r"KB\d+", told["Title"])[:1])
        row = next((row for row in past if row["kb"] == named), None)
        if (facts.booted and told["Operation"] == 1 and told["ResultCode"] in (2, 3) and read_time(told["Date"]) >= facts.booted
                and row and "hotpatch" not in row["kind"] and int(row["ubr"]) > facts.build[1]):
            return True
    return False


def answer_track(facts, releases, now):
    server = is_server(facts)
    if server:
        return "not_a_client_build"
    if server is None or facts.build is None:
        return "unknown"
    family, revision = facts.build
    if unsettled(family):
        return "unknown"
    if family not in (26100, 26200):
        return "unsupported_build"
    if revision == 0:
        return "unknown"
    rows = [(released_at(dt.date.fromisoformat(row["date"])), row) for row in releases]
    if now >= patch_tuesday_after(max(instant for instant, row in rows if row["kind"] in ("baseline", "hotpatch"))):
        return "unknown"                          # the table does not cover this instant
    past = [row for instant, row in rows if instant <= now]
    baselines = [row for row in past if row["kind"] == "baseline"]
    if not baselines:
        return "unknown"
    newest = max(baselines, key=lambda row: row["date"])
    if any((row["date"] >= newest["date"]) != (row["baseline_kb"] == newest["kb"]) for row in past):
        return "unknown"                          # the table lacks a baseline
    if waits_for_restart(facts, past):
        return "restart_pending"
    cycle = [row for row in past if row["baseline_kb"] == newest["kb"] and row["kind"] in ("baseline", "hotpatch", "hotpatch_oob")
             and (family == 26100 or "25H2" in row["versions"])]
    if revision in [int(row["ubr"]) for row in cycle]:
        return "on_track"
    if revision < int(newest["ubr"]):
        return "baseline_first"
    if revision in [int(row["ubr"]) for row in past]:
        return "standard_until_next_baseline"
    return "unknown_revision"


def answer_enrolment(facts):
    if check_policies(facts) is None:
        return "unknown"
    return {True: "allowed", False: "blocked", None: "unknown"}[facts.allowed]


def answer_next_step(facts, readiness, track, enrolment, past):
    """What the table in the rules says, read as a sentence."""
    if readiness == "not_eligible" and track == "unknown":
        return "standard_updates"
    if track == "unknown":
        return "unknown"
    if track == "not_a_client_build":
        return "use_server_rules"
    if readiness == "undetermined":
        # A build without hotpatches is not eligible: an undetermined device has its track, so this is all that is left.
        return "restart" if track == "restart_pending" else "unknown"
    if track == "restart_pending":
        return "restart"
    if readiness == "not_eligible":
        return "standard_updates"
    newest = max(int(row["ubr"]) for row in past if row["kind"] in ("baseline", "hotpatch", "hotpatch_oob"))
    if track == "on_track" and facts.build[1] >= newest:
        return "up_to_date"
    if enrolment == "unknown":
        return "unknown"
    if enrolment == "blocked":
        return "allow_hotpatch"
    return {"on_track": "install_hotpatch", "baseline_first": "install_baseline",
            "standard_until_next_baseline": "wait_for_baseline"}.get(track, "review")


def both(*conditions):
    """Kleene's and."""
    return False if False in conditions else None if None in conditions else True


def known(value, test):
    return None if value is None else test(value)


def answer_checks(results):
    """Outcome and check of a guide: its first failing check, else the first unknown one."""
    for wanted, outcome in ((False, "not_eligible"), (None, "not_known")):
        for name, result in results:
            if result is wanted:
                return outcome, name
    return "eligible", ""


def answer_trident(facts):
    floor = known(facts.build, lambda build: build[0] in (26100, 26200) and build[1] >= 4929)
    return answer_checks([
        ("edition", known(facts.edition, lambda edition: edition in ELIGIBLE - {"serverrdsh"} | {"enterprises", "enterprisesn", "iotenterprises"})),
        ("build", floor), ("vbs", facts.vbs), ("entra_join", facts.entra),
        ("mdm", known(facts.authority, lambda authority: authority in ("intune", "co-managed"))),
    ])


def answer_news(facts, past):
    quarter = [row for row in past if row["kind"] == "baseline" and row["planned"] == "yes"][-1]
    cycle = [row for row in past if row["baseline_kb"] == quarter["kb"] and row["kind"] in ("baseline", "hotpatch")]
    revisions = [int(row["ubr"]) for row in cycle]
    family, revision = facts.build or (None, None)
    if family is None:
        on_baseline = few_missed = release = None
    else:
        release = family >= 22621
        on_baseline = True if not release else None if family < 26100 else revision in revisions
        few_missed = not release or sum(ubr > revision for ubr in revisions[1:]) < 2
    enrolled = known(facts.autopatch, lambda state: state in ("enrolled", "enrolledwithpolicy"))
    return answer_checks([
        ("edition", known(facts.edition, lambda edition: edition in ("enterprise", "education"))),
        ("licence", True if facts.plan is None else facts.plan in NEWS_PLANS),
        ("management", both(known(facts.authority, lambda authority: authority != "co-managed"),
                            either(known(facts.authority, lambda authority: authority == "intune"), enrolled))),
        ("vbs", both(facts.vbs, facts.hvci)), ("secure_boot", facts.secure_boot),
        ("baseline", on_baseline), ("missed_hotpatches", few_missed), ("release", release),
    ])


def write_verdicts(records, path, now):
    releases = load_releases()
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["subject", "readiness", "check", "track", "enrolment", "next_step", "news", "news_check", "trident", "trident_check"])
        past = [row for row in releases if released_at(dt.date.fromisoformat(row["date"])) <= now]
        for record in records:
            facts = Facts(record, now)
            readiness, check = answer_readiness(facts)
            track, enrolment = answer_track(facts, releases, now), answer_enrolment(facts)
            out.writerow([record["device"]["id"], readiness, check, track, enrolment,
                          answer_next_step(facts, readiness, track, enrolment, past), *answer_news(facts, past), *answer_trident(facts)])


def main():
    parser = argparse.ArgumentParser(description="Makes a fleet of Windows devices as NDJSON.")
    parser.add_argument("seed", type=int, metavar="SEED")
    parser.add_argument("size", type=int, metavar="SIZE")
    parser.add_argument("out", metavar="OUT", help="NDJSON file to write")
    parser.add_argument("--verdicts", metavar="OUT.csv", help="also write the expected verdicts")
    parser.add_argument("--at", default=stamp(FLEET_TIME), metavar="TIME", help="instant of the verdicts (%(default)s)")
    parser.add_argument("--composition", action="store_true", help="print how the fleet is made up")
    arguments = parser.parse_args()

    records, tally = make_fleet(arguments.seed, arguments.size)
    with open(arguments.out, "w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    if arguments.verdicts:
        now = read_time(arguments.at)
        if now is None:
            parser.error("--at wants a time such as 2026-08-15T00:00:00Z")
        # Read back what was written: the verdicts are about the file.
        with open(arguments.out, encoding="utf-8") as file:
            write_verdicts([json.loads(line) for line in file], arguments.verdicts, now)
    if arguments.composition:
        print("| what | which | devices |\n|---|---|---|")
        for what, counts in tally.items():
            for which, count in counts.most_common():
                print(f"| {what} | {which} | {count} |")


if __name__ == "__main__":
    main()
