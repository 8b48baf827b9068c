muster check mistake-part-for-version.muster
