muster state --help
