muster check mistake-version-in-quotes.muster
