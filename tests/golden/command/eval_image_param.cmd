muster build other/one.muster -o $T/one.musterc > $T/told
muster eval $T/one.musterc --facts one_record.json --param one.x=1
