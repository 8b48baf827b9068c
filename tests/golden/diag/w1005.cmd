muster check w1005.muster
