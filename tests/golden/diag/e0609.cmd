muster check e0609.muster
