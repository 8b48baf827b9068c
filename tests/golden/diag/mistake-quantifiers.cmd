muster check mistake-quantifiers.muster
