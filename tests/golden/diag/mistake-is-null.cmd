muster check mistake-is-null.muster
