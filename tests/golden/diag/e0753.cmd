muster check e0753.muster
