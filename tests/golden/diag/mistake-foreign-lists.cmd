muster check mistake-foreign-lists.muster
