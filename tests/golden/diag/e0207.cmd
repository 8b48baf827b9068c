muster check e0207.muster
