muster explain keyed.muster --facts keyed.json --at 2026-11-15T00:00:00Z
