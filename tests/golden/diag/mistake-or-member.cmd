muster check mistake-or-member.muster
