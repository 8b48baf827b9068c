muster explain explained.muster --facts explained.ndjson --at 2026-08-15T00:00:00Z --subject E-4 --verdict ready
