muster build other/one.muster -o $T/one.musterc > $T/told
muster check $T/one.musterc
