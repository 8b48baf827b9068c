muster diff old.muster new.muster --facts fleet.ndjson --verdict patchd > /dev/null
