muster check e0505.muster
