muster check e0415.muster
