muster check e0610.muster
