muster check mistake-name-misspelt.muster
