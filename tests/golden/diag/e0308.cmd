muster check e0308.muster
