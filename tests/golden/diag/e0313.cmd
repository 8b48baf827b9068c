muster check e0313.muster
