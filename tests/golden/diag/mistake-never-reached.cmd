muster check mistake-never-reached.muster
