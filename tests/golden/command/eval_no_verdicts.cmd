muster eval rules/acme/device.muster --facts fleet.ndjson
