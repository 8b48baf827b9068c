muster check w1002.muster
