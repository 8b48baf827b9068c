muster fmt
