muster check e0507.muster
