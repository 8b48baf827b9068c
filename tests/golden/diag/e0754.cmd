muster check e0754.muster
