muster check e0608.muster
