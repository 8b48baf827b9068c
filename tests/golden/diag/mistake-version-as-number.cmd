muster check mistake-version-as-number.muster
