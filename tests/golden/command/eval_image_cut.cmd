muster build rules/acme/ready.muster -o $T/ready.musterc > $T/told
head -c 500 $T/ready.musterc > $T/cut.musterc
muster eval $T/cut.musterc --facts one_record.json
