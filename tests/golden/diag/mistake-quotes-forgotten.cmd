muster check mistake-quotes-forgotten.muster
