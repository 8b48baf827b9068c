muster check mistake-member-misspelt.muster
