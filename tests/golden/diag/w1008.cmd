muster check w1008.muster
