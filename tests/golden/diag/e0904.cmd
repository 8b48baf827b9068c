muster check e0904.muster
