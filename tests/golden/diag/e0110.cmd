muster check e0110.muster
