muster check mistake-version-star.muster
