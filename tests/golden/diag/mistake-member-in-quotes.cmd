muster check mistake-member-in-quotes.muster
