muster keygen -o $T/k more
