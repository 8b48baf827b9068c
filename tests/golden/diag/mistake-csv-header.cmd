muster check mistake-csv-header.muster
