muster check e0902.muster
