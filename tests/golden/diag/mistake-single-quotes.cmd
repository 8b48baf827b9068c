muster check mistake-single-quotes.muster
