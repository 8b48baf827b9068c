muster check rules/acme/ready.muster
