muster check mistake-brace-in-message.muster
