muster eval rules/acme/ready.muster --facts fleet.ndjson --at 2026-02-30
