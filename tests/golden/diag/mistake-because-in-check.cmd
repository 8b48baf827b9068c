muster check mistake-because-in-check.muster
