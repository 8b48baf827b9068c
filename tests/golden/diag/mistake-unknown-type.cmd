muster check mistake-unknown-type.muster
