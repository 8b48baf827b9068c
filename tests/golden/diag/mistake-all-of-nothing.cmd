muster check mistake-all-of-nothing.muster
