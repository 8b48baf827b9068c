muster eval rules/acme/ready.muster --facts fleet.ndjson --limit 3
