muster eval rules/acme/ready.muster --facts nowhere.ndjson
