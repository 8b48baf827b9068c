sed s/KB1/KB9/ old.muster > $T/x.muster; muster build old.muster -o $T/old.musterc > /dev/null && muster diff $T/old.musterc $T/x.muster
