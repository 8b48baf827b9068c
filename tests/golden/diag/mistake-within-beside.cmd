muster check mistake-within-beside.muster
