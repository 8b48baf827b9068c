muster check mistake-hyphens.muster
