muster check e0611.muster
