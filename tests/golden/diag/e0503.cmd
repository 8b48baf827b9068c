muster check e0503.muster
