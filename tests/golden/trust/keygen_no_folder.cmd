muster keygen -o $T/none/k --no-password
