python3 on_terminal.py 100 muster eval other --facts sizes.ndjson --at 2026-08-15T00:00:00Z
