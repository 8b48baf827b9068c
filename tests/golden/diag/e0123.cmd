muster check e0123.muster
