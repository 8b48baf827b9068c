cp tree/good.muster $T/x.muster; muster fmt --write $T/x.muster
