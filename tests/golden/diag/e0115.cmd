muster check e0115.muster
