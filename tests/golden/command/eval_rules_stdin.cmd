cat other/one.muster | muster eval - --facts sizes.ndjson --at 2026-08-15 --brief
