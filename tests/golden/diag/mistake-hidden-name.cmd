muster check mistake-hidden-name.muster
