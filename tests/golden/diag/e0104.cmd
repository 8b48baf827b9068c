muster check e0104.muster
