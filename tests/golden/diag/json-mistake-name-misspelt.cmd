muster check mistake-name-misspelt.muster --format json
