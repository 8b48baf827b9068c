muster check e0755.muster
