muster check e0408.muster
