muster check e0118.muster
