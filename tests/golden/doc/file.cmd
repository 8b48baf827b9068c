touch $T/x; muster doc doc.muster -I . -o $T/x
