muster check mistake-two-kinds.muster
