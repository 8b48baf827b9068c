muster check e0316.muster --param a.limmit=2
