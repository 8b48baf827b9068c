muster check
