muster diff old.muster new.muster --facts - --at 2026-10-20 --verdict patched --format json < fleet.ndjson | grep -v "^{.change"
