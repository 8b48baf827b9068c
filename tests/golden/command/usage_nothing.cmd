muster
