muster check --help
