muster check e0402.muster
