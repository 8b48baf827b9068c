muster diff old.muster new.muster fleet.ndjson
