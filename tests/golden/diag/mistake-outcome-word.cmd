muster check mistake-outcome-word.muster
