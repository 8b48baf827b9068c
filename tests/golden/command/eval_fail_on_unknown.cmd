muster eval rules/acme/ready.muster --facts fleet.ndjson --at 2026-08-15 --brief --fail-on unknown
