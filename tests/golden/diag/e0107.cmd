muster check e0107.muster
