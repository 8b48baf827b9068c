muster check e0116.muster
