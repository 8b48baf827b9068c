muster check e0704.muster
