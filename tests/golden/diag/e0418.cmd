muster check e0418.muster
