muster --versoin
