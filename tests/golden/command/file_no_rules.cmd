muster eval nowhere/rules.muster --facts fleet.ndjson
