muster check e0406.muster
