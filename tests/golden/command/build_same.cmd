muster build rules/acme/ready.muster -o $T/a.musterc > $T/told
cd rules
muster build acme.ready -o $T/b.musterc > $T/told
cmp $T/a.musterc $T/b.musterc && echo the same
