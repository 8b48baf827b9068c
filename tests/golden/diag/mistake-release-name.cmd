muster check mistake-release-name.muster
