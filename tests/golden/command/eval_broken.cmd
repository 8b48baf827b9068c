muster eval broken.muster --facts fleet.ndjson
