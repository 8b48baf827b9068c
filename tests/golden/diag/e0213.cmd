muster check e0213.muster
