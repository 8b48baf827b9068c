muster check mistake-foreign-types.muster
