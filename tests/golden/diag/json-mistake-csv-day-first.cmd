muster check mistake-csv-day-first.muster --format json
