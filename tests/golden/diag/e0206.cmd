muster check e0206.muster
