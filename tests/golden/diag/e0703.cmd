muster check e0703.muster
