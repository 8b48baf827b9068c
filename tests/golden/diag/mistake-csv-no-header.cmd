muster check mistake-csv-no-header.muster
