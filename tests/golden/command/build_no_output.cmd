muster build rules/acme/ready.muster
