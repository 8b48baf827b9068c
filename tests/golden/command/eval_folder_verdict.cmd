muster eval other --facts sizes.ndjson --at 2026-08-15 --brief --verdict two.kind
