muster check e0751.muster
