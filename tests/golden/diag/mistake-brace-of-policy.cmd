muster check mistake-brace-of-policy.muster
