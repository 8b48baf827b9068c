muster check mistake-or-values.muster
