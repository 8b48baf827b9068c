muster check e0301.muster --format json
