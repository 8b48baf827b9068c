muster check e0416.muster
