# -I, then a dotted name
muster eval acme.ready -I rules --facts one_record.json --at 2026-08-15 --brief
