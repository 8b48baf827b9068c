muster check e0414.muster
