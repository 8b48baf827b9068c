muster check e0708.muster
