muster build other -o $T/x.musterc
