muster check mistake-csv-quote.muster
