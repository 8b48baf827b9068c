muster check mistake-if-statement.muster
