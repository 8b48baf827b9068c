muster check mistake-quote-of-message.muster
