muster check e0122.muster
