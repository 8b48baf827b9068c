# SPDX-License-Identifier: Apache-2.0
"""The catalogue of updates that graphd serves: quality updates with their product revisions, as
documents and metadata write them where the two differ."""

TYPE = "#microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry"
EXPAND = "microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry/productRevisions"

# day, cadence, classification, KB, revision, builds, hotpatch; the month's whole is two entries.
UPDATES = [
    ("2026-07-14", "monthly", "security", "KB5101650", 8875, (26100, 26200), False),
    ("2026-08-11", "monthly", "security", "KB5120994", 9106, (26100, 26200), True),
    ("2026-08-11", "monthly", "security", "KB5121003", 9168, (26100, 26200), False),
]
EXTRA = []
PRODUCTS = {26100: "24H2", 26200: "25H2", 22631: "23H2"}


def revision(day, knowledge, ubr, build, hotpatch, style):
    """One product revision. Documents name the flag otherwise than metadata, and write texts."""
    flag = [{"isHotpatchUpdate": hotpatch}, {"isHotpatchUpdate": str(hotpatch).lower()},
            {"isHotpatchEnabled": hotpatch}][style % 3]
    return {"id": f"10.0.{build}.{ubr}",
            "displayName": f"Windows 11, version {PRODUCTS[build]}, build {build}.{ubr}",
            "releaseDateTime": f"{day}T00:00:00Z", "version": PRODUCTS[build],
            "product": "Windows 11", **flag,
            "osBuild": {"majorVersion": 10, "minorVersion": 0, "buildNumber": build,
                        "updateBuildRevision": ubr},
            "knowledgeBaseArticle@odata.context": "https://graph.microsoft.com/beta/$metadata#x",
            "knowledgeBaseArticle": {"id": knowledge,
                                     "url": f"https://support.microsoft.com/help/{knowledge[2:]}"}}


def entries(query):
    """Newest first; without the expansion, without revisions."""
    found = []
    for style, (day, cadence, kind, knowledge, ubr, builds, hotpatch) in enumerate(UPDATES + EXTRA):
        entry = {"@odata.type": TYPE, "id": f"c{style:04d}-{knowledge}",
                 "displayName": f"{day} - {knowledge}", "catalogName": knowledge,
                 "shortName": f"{day[:4]}.{day[5:7]} B", "releaseDateTime": f"{day}T00:00:00Z",
                 "deployableUntilDateTime": None, "isExpeditable": not hotpatch,
                 "qualityUpdateClassification": kind, "qualityUpdateCadence": cadence,
                 "cveSeverityInformation": None}
        if EXPAND in query.get("$expand", ""):
            entry["productRevisions@odata.context"] = "https://graph.microsoft.com/beta/$metadata#x"
            entry["productRevisions"] = [revision(day, knowledge, ubr, build, hotpatch, style)
                                         for build in builds]
        found.insert(0, entry)
    return sorted(found, key=lambda entry: entry["releaseDateTime"], reverse=True)
