muster check e0410.muster
