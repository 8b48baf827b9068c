muster check mistake-never-fails.muster
