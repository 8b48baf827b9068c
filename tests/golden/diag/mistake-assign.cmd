muster check mistake-assign.muster
