muster check mistake-wrong-type.muster
