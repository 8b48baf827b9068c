muster check mistake-csv-semicolons.muster
