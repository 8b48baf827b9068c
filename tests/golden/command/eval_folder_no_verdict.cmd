muster eval other --facts sizes.ndjson --verdict kind
