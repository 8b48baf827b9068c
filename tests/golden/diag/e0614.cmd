muster check e0614.muster
