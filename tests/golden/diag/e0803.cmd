muster check e0803.muster
