muster facts --help
