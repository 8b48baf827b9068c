muster check w1009.muster
