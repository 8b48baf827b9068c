muster diff old.muster new.muster --facts nowhere.ndjson > /dev/null
