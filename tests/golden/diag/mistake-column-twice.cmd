muster check mistake-column-twice.muster
