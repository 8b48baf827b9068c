muster check e0124.muster
