muster check e0616.muster
