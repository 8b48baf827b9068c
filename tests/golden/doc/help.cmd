muster doc --help
