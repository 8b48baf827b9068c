muster check e0210.muster
