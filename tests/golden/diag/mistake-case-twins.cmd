muster check mistake-case-twins.muster
