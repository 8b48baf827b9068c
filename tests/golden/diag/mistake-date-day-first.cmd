muster check mistake-date-day-first.muster
