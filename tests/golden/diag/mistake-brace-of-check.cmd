muster check mistake-brace-of-check.muster
