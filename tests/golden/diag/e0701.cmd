muster check e0701.muster
