muster inspect rules/acme/ready.muster --format yaml
