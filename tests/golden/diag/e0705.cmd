muster check e0705.muster
