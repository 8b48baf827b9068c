muster build doc.muster -I . -o $T/x.musterc >/dev/null && muster doc $T/x.musterc -o $T
