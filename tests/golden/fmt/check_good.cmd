muster fmt messy.muster > $T/a.muster && muster fmt --check $T/a.muster
