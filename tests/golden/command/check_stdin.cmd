muster check - < broken.muster
