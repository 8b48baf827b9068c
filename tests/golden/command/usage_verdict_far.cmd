muster eval rules/acme/ready.muster --facts fleet.ndjson --verdict compliance
