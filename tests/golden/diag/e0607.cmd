muster check e0607.muster
