muster check e0601.muster
