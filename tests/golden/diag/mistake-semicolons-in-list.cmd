muster check mistake-semicolons-in-list.muster
