muster check mistake-c-operators.muster
