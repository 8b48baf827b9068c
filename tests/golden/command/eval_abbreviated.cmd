# options may be cut short where that is clear
muster eval rules/acme/ready.muster --fac one_record.json --at 2026-08-15 --bri --verd readiness
