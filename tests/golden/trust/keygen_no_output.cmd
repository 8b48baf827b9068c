muster keygen
