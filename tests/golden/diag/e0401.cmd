muster check e0401.muster
