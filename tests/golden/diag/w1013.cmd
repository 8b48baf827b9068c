muster check w1013.muster
