muster check e0606.muster
