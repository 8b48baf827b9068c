muster check mistake-otherwise.muster
