muster check e0121.muster
