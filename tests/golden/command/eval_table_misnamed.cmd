muster eval misnamed.muster --facts misnamed.json --at 2026-08-15T00:00:00Z --format table
