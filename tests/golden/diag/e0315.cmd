muster check e0315.muster
