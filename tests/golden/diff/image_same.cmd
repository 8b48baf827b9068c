muster build old.muster -o $T/old.musterc > /dev/null && muster diff $T/old.musterc old.muster
