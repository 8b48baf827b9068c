muster eval rules/acme/ready.muster --facts fleet.ndjson --at 15.8.2026
