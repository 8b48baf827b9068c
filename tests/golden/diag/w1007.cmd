muster check w1007.muster
