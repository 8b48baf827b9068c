muster check w1006.muster
