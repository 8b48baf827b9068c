muster check mistake-member-case.muster
