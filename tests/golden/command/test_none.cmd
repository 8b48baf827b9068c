muster test rules/acme/ready.muster
