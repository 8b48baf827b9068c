muster check e0906.muster
