muster check e0203.muster
