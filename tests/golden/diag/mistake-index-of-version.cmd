muster check mistake-index-of-version.muster
