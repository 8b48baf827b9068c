muster check mistake-csv-blank.muster
