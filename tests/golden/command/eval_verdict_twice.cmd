muster eval rules/acme/ready.muster --facts one_record.json --at 2026-08-15T02:00:00+02:00 --brief --verdict next_step --verdict readiness
