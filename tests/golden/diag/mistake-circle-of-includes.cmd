muster check mistake-circle-of-includes.muster
