muster check e0113.muster
