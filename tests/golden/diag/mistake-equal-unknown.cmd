muster check mistake-equal-unknown.muster
