muster check mistake-smart-quotes.muster
