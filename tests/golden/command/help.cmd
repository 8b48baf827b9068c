muster --help
