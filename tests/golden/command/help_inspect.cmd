muster inspect --help
