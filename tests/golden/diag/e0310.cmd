muster check e0310.muster
