muster check e0214.muster
