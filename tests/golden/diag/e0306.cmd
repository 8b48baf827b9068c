muster check e0306.muster
