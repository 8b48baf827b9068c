muster check mistake-unused.muster
