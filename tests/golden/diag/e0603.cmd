muster check e0603.muster
