muster build other/one.muster -o $T/x.musterc > $T/told
muster build rules/acme/ready.muster -o $T/x.musterc > $T/told
muster inspect $T/x.musterc | head -n 1
