muster check e0105.muster
