muster check w1001.muster
