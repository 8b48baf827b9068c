muster check mistake-semicolons.muster
