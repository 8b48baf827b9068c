muster keygen --help && muster sign --help && muster verify --help
