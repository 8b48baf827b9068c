muster check e0311.muster
