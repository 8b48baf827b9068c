muster check e0120.muster
