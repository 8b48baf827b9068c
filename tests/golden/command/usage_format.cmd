muster eval rules/acme/ready.muster --facts fleet.ndjson --format xml
