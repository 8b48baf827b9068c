muster check mistake-closed-otherwise.muster
