muster check e0114.muster
