muster check mistake-colon.muster
