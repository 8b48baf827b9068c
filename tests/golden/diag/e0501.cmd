muster check e0501.muster
