TERM=xterm python3 on_terminal.py 120 muster eval rules/acme/ready.muster --facts fleet.ndjson --at 2026-08-15T00:00:00Z --limit 4
