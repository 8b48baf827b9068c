muster check mistake-then-forgotten.muster
