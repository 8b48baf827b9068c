cat one_record.json | muster eval rules/acme/ready.muster --facts - --at 2026-08-15T00:00:00Z --brief
