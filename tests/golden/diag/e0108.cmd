muster check e0108.muster
