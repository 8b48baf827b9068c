muster check e0903.muster
