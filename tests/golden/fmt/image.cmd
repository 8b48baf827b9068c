muster build tree/good.muster -o $T/x.musterc && muster fmt $T/x.musterc
