# SPDX-License-Identifier: Apache-2.0
"""What Windows Autopatch and the quality update policies are in the tenant that graphd serves:
assets, policies, rings, the groups they are assigned to, and the catalogue. A device is in a group
by its number alone."""

import re

from graph_catalog import entries
from graph_fleet import STATES

GRAPH = "#microsoft.graph."
UPDATES = GRAPH + "windowsUpdates."


def guid(number):
    return f"0000aaaa-0000-4000-8000-{number:012d}"


ALLOW, BLOCK, PILOT, RINGS = guid(1), guid(2), guid(3), guid(10)
AUDIENCE, SPOKEN, ASSET_GROUP = guid(20), guid(21), guid(22)
RING_NAMES = ["Test", "Ring1", "Ring2", "Ring3", "Last"]


def target(kind, group=None):
    return {"id": "a", "target": {"@odata.type": f"{GRAPH}{kind}AssignmentTarget",
                                  "deviceAndAppManagementAssignmentFilterId": None,
                                  "deviceAndAppManagementAssignmentFilterType": "none",
                                  **({"groupId": group} if group else {})}}


class Updates:
    """Reads only."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.chosen, self.chosen_at = {}, None

    def part(self, number, at):
        return self.fleet.digest(number)[at]

    def member(self, group, number):
        """Whether the device is in an Entra group or on one side of an audience."""
        tests = {
            ALLOW: lambda: self.part(number, 12) < 150, BLOCK: lambda: self.part(number, 13) < 25,
            PILOT: lambda: self.part(number, 14) < 30,
            f"{AUDIENCE}/members": lambda: self.part(number, 17) < 90,
            f"{AUDIENCE}/exclusions": lambda: self.part(number, 18) < 20,
            f"{SPOKEN}/members": lambda: self.part(number, 19) < 30,
            f"{SPOKEN}/exclusions": lambda: False}
        if group in tests:
            return tests[group]()
        ring = int(group[-2:]) - 10
        return self.part(number, 15) < 200 and self.part(number, 15) % 5 == ring

    def choose(self, name, test):
        """Numbers of the devices that a list is made of. A large one is asked for page by page: who
        is in it is found out once for each state of the fleet."""
        if self.chosen_at != self.fleet.now:
            self.chosen, self.chosen_at = {}, self.fleet.now
        if name not in self.chosen:
            self.chosen[name] = [n for n in self.fleet.named() if test(n)]
        return self.chosen[name]

    def is_asset(self, number):
        return self.part(number, 20) % 8 != 0

    def asset(self, number):
        """azureADDevice: as metadata has it, or as older documents do."""
        device = {"@odata.type": UPDATES + "azureADDevice", "id": self.fleet.entra_id(number),
                  "errors": []}
        if self.part(number, 16) % 10 == 0:
            return {**device, "enrollments": [
                {"@odata.type": UPDATES + "updateManagementEnrollment",
                 "updateCategory": "quality"}]}
        state = {"enrollmentState": STATES[self.part(number, 21) % 16],
                 "lastModifiedDateTime": "2026-07-01T00:00:00Z"}
        return {**device, "enrollment": {"quality": state, "feature": state, "driver": None}}

    def quality_policies(self, assignments):
        found = [("Hotpatch on", True, [target("group", ALLOW), target("exclusionGroup", PILOT)]),
                 ("Hotpatch off", False, [target("group", BLOCK)])]
        for number, (name, allows, targets) in enumerate(found):
            yield {"id": guid(30 + number), "displayName": name, "description": "",
                   "createdDateTime": "2026-01-01T00:00:00Z", "roleScopeTagIds": ["0"],
                   "hotpatchEnabled": allows, "approvalSettings": [],
                   **({"assignments": targets} if assignments else {})}

    @staticmethod
    def update_policies():
        common = {"createdDateTime": "2026-01-01T00:00:00Z", "complianceChangeRules": []}
        user = {"daysUntilForcedReboot": 2, "offerAsOptional": None}
        yield {**common, "id": guid(40), "audience": {"id": AUDIENCE}, "deploymentSettings": {
            "schedule": None, "userExperience": {**user, "isHotpatchEnabled": True}}}
        yield {**common, "id": guid(41), "audience": {"id": SPOKEN}, "deploymentSettings": {
            "schedule": None, "userExperience": {**user, "IsHotpatchEnabled": False}}}

    @staticmethod
    def rings():
        for number, name in enumerate(RING_NAMES):
            yield {"@odata.type": UPDATES + "qualityUpdateRing", "id": guid(50 + number),
                   "displayName": name, "description": "", "deferralInDays": number,
                   "isPaused": number == 3, "isHotpatchEnabled": number != 4,
                   "includedGroupAssignment": {"assignments": [{"groupId": guid(10 + number)}]},
                   "excludedGroupAssignment": {"assignments": []}}

    def read(self, version, path, query):
        """Functions that make the entries of a list; None: there is no such list."""
        rest = path.removeprefix("admin/windows/updates/")
        if version == "v1.0":
            match = re.fullmatch("groups/([0-9a-f-]+)/.*", path)
            return self.members(match[1], self.entra_device) if match else None
        whole = {
            "deviceManagement/windowsQualityUpdatePolicies":
                lambda: self.quality_policies(query.get("$expand") == "assignments"),
            "updatePolicies": self.update_policies,
            "policies": lambda: [{"@odata.type": UPDATES + "qualityUpdatePolicy", "id": guid(60),
                                  "displayName": "Autopatch", "approvalRules": []}],
            f"policies/{guid(60)}/rings": self.rings,
            "catalog/entries": lambda: entries(query)}
        if rest in whole:
            return [lambda one=one: one for one in whole[rest]()]
        if rest == "updatableAssets":
            numbers = self.choose("assets", self.is_asset)
            group = {"@odata.type": UPDATES + "updatableAssetGroup", "id": ASSET_GROUP}
            return [lambda: group] + [lambda n=n: self.asset(n) for n in numbers]
        if rest == (f"updatableAssets/{ASSET_GROUP}/microsoft.graph.windowsUpdates."
                    "updatableAssetGroup/members"):
            return self.members(f"{AUDIENCE}/members", self.asset)
        if rest == f"deploymentAudiences/{AUDIENCE}/members":
            return [lambda: {"@odata.type": UPDATES + "updatableAssetGroup", "id": ASSET_GROUP}]
        match = re.fullmatch(r"deploymentAudiences/([0-9a-f-]+/(?:members|exclusions))", rest)
        return self.members(match[1], self.asset) if match else None

    def members(self, group, make):
        numbers = self.choose(group, lambda n: self.member(group, n))
        return [lambda n=n: make(n) for n in numbers]

    def entra_device(self, number):
        return {"@odata.type": GRAPH + "device", "deviceId": self.fleet.entra_id(number)}

    def truth(self, number):
        """What the group `autopatch` should hold, but for the time; None: nothing is known."""
        in_ring = [n for n in range(5) if self.member(guid(10 + n), number)]
        speaks = [p for p, a in zip(self.update_policies(), (AUDIENCE, SPOKEN))
                  if self.member(f"{a}/members", number)
                  and not self.member(f"{a}/exclusions", number)]
        allowed = self.member(ALLOW, number) and not self.member(PILOT, number)
        blocked = self.member(BLOCK, number)
        groups = {ALLOW, BLOCK, PILOT, f"{AUDIENCE}/members", f"{AUDIENCE}/exclusions",
                  f"{SPOKEN}/members"}
        if not (self.is_asset(number) or in_ring or any(self.member(g, number) for g in groups)):
            return None
        facts = {"qualityUpdatePolicies": {"hotpatchAllowed": int(allowed),
                                           "hotpatchBlocked": int(blocked)}}
        if self.is_asset(number):
            asset = self.asset(number)
            facts["enrollment"] = asset.get("enrollment", {"quality": {
                "enrollmentState": "enrolled"}})
        if len(speaks) == 1:
            experience = speaks[0]["deploymentSettings"]["userExperience"]
            facts["updatePolicy"] = {"deploymentSettings": {"userExperience": experience}}
        if in_ring:
            ring = list(self.rings())[in_ring[0]]
            facts["ring"] = {name: ring[name] for name in (
                "displayName", "isHotpatchEnabled", "isPaused", "deferralInDays")}
        return facts
