muster check mistake-brace-of-decision.muster
