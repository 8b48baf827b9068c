muster frobnicate
