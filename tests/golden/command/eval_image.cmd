muster build rules/acme/ready.muster -o $T/ready.musterc > $T/told
muster eval $T/ready.musterc --facts one_record.json --at 2026-08-15
