muster eval rules/acme/ready.muster --facts spoilt.ndjson --at 2026-08-15T00:00:00Z --format json --brief | python3 -m json.tool --compact
