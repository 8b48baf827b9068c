muster check e0615.muster
