muster check e0204.muster
