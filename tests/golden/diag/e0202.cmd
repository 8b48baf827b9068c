muster check e0202.muster
