(cat fleet.ndjson; echo "{\"id\":7}"; echo x; echo "{}") | muster diff old.muster old.muster -f - --verdict patched --at 2026-10-20
