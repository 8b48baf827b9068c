mkdir $T/empty
muster check $T/empty
