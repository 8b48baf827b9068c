muster check e0109.muster
