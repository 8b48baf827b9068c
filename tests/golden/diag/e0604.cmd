muster check e0604.muster
