muster diff --help
