muster check mistake-families.muster
