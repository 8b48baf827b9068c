muster check mistake-csv-day-first.muster
