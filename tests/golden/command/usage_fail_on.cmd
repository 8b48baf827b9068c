muster eval rules/acme/ready.muster --facts fleet.ndjson --fail-on never
