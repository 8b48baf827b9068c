muster check e0211.muster
