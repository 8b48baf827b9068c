muster check mistake-clause-unknown.muster
