muster facts other --json-schema
