muster check w1012.muster
