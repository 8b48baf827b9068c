muster eval --help
