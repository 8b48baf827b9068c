muster eval rules/acme/ready.muster --facts fleet.ndjson --at 2026-08-15T00:00:00Z >&-
