muster check mistake-quote-in-text.muster
