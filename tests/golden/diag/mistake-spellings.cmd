muster check mistake-spellings.muster
