muster check e0409.muster
