muster check e0750.muster
