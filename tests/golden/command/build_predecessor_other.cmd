muster build other/two.muster -o $T/a.musterc > $T/told
muster build other/one.muster -o $T/b.musterc --predecessor $T/a.musterc
