muster check mistake-if-in-decision.muster
