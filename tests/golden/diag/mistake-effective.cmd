muster check mistake-effective.muster
