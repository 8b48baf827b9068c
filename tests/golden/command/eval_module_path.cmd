MUSTER_PATH=/nowhere:rules muster eval acme.ready --facts one_record.json --at 2026-08-15 --brief
