muster build other/one.muster -o $T/b.musterc --predecessor other/two.muster
