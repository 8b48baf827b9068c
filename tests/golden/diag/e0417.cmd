muster check e0417.muster
