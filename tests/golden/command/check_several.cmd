muster check rules broken.muster other
