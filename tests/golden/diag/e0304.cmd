muster check e0304.muster
