muster check e0111.muster
