muster diff old.muster new.muster --facts fleet.ndjson --at 2026-10-20 | sed "1,/moved/d"
