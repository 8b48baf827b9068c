muster check mistake-every-second.muster
