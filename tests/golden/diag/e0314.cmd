muster check e0314.muster
