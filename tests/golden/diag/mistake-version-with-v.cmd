muster check mistake-version-with-v.muster
