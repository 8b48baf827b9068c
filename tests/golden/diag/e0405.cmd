muster check e0405.muster
