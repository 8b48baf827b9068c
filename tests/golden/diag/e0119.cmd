muster check e0119.muster
