muster check mistake-otherwise-forgotten.muster
