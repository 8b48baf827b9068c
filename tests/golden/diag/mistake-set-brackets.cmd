muster check mistake-set-brackets.muster
