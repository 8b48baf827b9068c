# SPDX-License-Identifier: Apache-2.0
"""The resources of a tenant by their paths, as /v1.0 and /beta answer them."""

import base64
import re
import urllib.parse

from graph_filter import BadRequest, device_filter, selection
from graph_updates import Updates

DEVICES = "deviceManagement/managedDevices"


class NotThere(Exception):
    """Answered with 404."""


class Tenant:
    """Reads only; what changes is the fleet."""

    def __init__(self, fleet, page):
        self.fleet, self.page = fleet, page
        self.updates = Updates(fleet)
        self.routes = [
            (f"{DEVICES}$", self.devices),
            (f"{DEVICES}/([0-9a-f-]+)$", self.device),
            ("(deviceManagement/windowsQualityUpdatePolicies)$", self.collection),
            ("(groups/[0-9a-f-]+/transitiveMembers/microsoft.graph.device)$", self.collection),
            ("(admin/windows/updates/.*)$", self.collection),
        ]

    def read(self, path, query, origin):
        """(what it is, the object)"""
        version, _, rest = path.lstrip("/").partition("/")
        if version not in ("v1.0", "beta"):
            raise NotThere
        for pattern, read in self.routes:
            match = re.match(pattern, rest)
            if match:
                return read(version, origin, query, *match.groups())
        raise NotThere

    def truth(self):
        """Each Windows device that has a name in Entra, as one record of facts with everything
        that Graph knows of it: what clients should arrive at."""
        for number in self.fleet.named():
            yield {"device": {"id": self.fleet.entra_id(number)},
                   "intune": self.fleet.managed_device(number),
                   "autopatch": self.updates.truth(number)}

    def collection(self, version, origin, query, path):
        """A list of what the path names, in pages."""
        self.allow(query, "$select", "$expand", "$filter", "$orderby", "$top", "$skiptoken",
                   "$count")
        found = self.updates.read(version, path, query)
        if found is None:
            raise NotThere
        start = unpack(query["$skiptoken"]) if "$skiptoken" in query else 0
        size = min(int(query.get("$top", self.page)), self.page)
        answer = {"@odata.context": f"{origin}/{version}/$metadata#{path}",
                  "value": [make() for make in found[start:start + size]]}
        if start + size < len(found):
            answer["@odata.nextLink"] = next_link(f"{origin}/{version}/{path}", query, start + size)
        return path.rpartition("/")[2], answer

    def devices(self, version, origin, query):
        self.allow(query, "$select", "$filter", "$top", "$skiptoken")
        names = selection(version, query.get("$select"))
        wanted = device_filter(self.fleet, query.get("$filter"))
        top = int(query.get("$top", self.page))
        start = unpack(query["$skiptoken"]) if "$skiptoken" in query else 0
        found, number = [], start
        while number < len(self.fleet.last_sync) and len(found) < min(top, self.page):
            if number not in self.fleet.gone and wanted(number):
                device = self.fleet.listed(number)
                found.append({name: device[name] for name in names})
            number += 1
        answer = {"@odata.context": f"{origin}/{version}/$metadata#{DEVICES}", "value": found}
        if number < len(self.fleet.last_sync):
            answer["@odata.nextLink"] = next_link(f"{origin}/{version}/{DEVICES}", query, number)
        return "list", answer

    def device(self, version, origin, query, name):
        self.allow(query, "$select")
        if name not in self.fleet.by_id:
            raise NotThere
        names = selection(version, query.get("$select"))
        device = self.fleet.managed_device(self.fleet.by_id[name])
        return "device", {"@odata.context": f"{origin}/{version}/$metadata#{DEVICES}/$entity",
                          **{name: device[name] for name in names}}

    @staticmethod
    def allow(query, *names):
        for name in query:
            if name not in names:
                raise BadRequest(f"The query parameter '{name}' is not supported.")


def next_link(address, query, number):
    """The same question from another place on: the token is nobody's business but ours."""
    token = base64.urlsafe_b64encode(f"LastDeviceName='{number}'".encode()).decode()
    return f"{address}?" + urllib.parse.urlencode({**query, "$skiptoken": token})


def unpack(token):
    try:
        return int(base64.urlsafe_b64decode(token).decode().split("'")[1])
    except (ValueError, IndexError) as problem:
        raise BadRequest("Skip token is not valid.") from problem
