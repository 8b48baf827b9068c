muster check mistake-csv-number.muster
