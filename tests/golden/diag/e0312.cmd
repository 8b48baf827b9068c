muster check e0312.muster
