muster eval rules/acme/ready.muster --facts fleet.ndjson --param 14
