muster check mistake-set-compared.muster
