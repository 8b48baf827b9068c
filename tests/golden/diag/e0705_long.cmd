muster check e0705_long.muster
