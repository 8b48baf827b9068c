muster facts rules/acme/ready.muster --json-schema
