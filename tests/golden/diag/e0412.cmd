muster check e0412.muster
