muster check e0201.muster
