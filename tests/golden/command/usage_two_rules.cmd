muster eval rules fleet.ndjson
