muster check w1003.muster
