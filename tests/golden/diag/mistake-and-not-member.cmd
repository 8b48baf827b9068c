muster check mistake-and-not-member.muster
