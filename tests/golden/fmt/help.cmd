muster fmt --help
