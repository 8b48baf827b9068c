muster check mistake-shell-operators.muster
