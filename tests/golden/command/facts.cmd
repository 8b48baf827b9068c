muster facts rules/acme/ready.muster
