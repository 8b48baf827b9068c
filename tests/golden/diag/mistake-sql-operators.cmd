muster check mistake-sql-operators.muster
