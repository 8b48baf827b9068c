muster eval acme.nowhere --facts fleet.ndjson
