muster check mistake-chained.muster
