muster fmt --check --write x
