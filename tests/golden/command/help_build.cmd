muster build --help
