muster check mistake-help-fits.muster
