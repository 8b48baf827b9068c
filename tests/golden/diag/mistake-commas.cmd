muster check mistake-commas.muster
