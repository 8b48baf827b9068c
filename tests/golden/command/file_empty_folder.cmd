mkdir $T/empty
muster eval $T/empty --facts fleet.ndjson
