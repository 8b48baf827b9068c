muster eval rules --fact fleet.ndjson --verdcit readiness
