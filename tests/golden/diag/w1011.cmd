muster check w1011.muster
