muster check w1012_only_advice.muster
