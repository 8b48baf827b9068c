muster build rules/acme/ready.muster -o -
