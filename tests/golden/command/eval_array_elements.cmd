muster eval rules/acme/ready.muster --facts elements.json --at 2026-08-15T00:00:00Z --brief --verdict readiness
