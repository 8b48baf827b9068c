muster check mistake-brace-too-many.muster
