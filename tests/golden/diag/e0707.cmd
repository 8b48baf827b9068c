muster check e0707.muster
