muster check e0302.muster
