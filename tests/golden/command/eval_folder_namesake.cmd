mkdir -p $T/x/ready
cp rules/acme/ready.muster $T/x/ready/
cp rules/acme/ready_test.muster $T/x/ready/
muster eval $T/x/ready -I rules --facts one_record.json --at 2026-08-15 --brief
