muster check mistake-any-later-build.muster
