muster check e0504.muster
