muster check mistake-date-with-dashes.muster
