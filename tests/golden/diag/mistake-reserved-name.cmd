muster check mistake-reserved-name.muster
