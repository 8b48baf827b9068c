muster check mistake-raw-without-quotes.muster
