muster check e0901.muster
