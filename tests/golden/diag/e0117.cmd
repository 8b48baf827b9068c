muster check e0117.muster
