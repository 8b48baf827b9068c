muster check e0303.muster
