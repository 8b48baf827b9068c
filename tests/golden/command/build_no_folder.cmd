muster build rules/acme/ready.muster -o $T/no/such/x.musterc
