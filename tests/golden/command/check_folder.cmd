muster check rules
