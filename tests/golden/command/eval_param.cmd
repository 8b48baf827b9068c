muster eval rules/acme/ready.muster --facts one_record.json --at 2026-08-15 --brief --param acme.ready.max_uptime="2 days"
