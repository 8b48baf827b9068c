muster check mistake-missing-word.muster
