muster fmt --write -
