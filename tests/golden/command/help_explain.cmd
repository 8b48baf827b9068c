muster explain --help
