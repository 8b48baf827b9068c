muster check e0602.muster
