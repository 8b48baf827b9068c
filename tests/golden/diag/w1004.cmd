muster check w1004.muster
