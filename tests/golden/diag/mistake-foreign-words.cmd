muster check mistake-foreign-words.muster
