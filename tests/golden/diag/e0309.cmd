muster check e0309.muster
