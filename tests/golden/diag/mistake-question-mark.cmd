muster check mistake-question-mark.muster
