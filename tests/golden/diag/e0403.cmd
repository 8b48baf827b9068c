muster check e0403.muster
