muster check mistake-repeated-sign.muster
