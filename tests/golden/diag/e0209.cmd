muster check e0209.muster
