muster check mistake-declared-otherwise.muster
