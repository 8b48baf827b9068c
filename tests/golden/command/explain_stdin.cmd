head -n 1 explained.ndjson | muster explain explained.muster --at 2026-08-15 --verdict three
