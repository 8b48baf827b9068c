muster eval rules/acme/ready.muster --facts /dev/null --at 2026-08-15T00:00:00Z --format json
