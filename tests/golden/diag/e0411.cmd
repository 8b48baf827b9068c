muster check e0411.muster
