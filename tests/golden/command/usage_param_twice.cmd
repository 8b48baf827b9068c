muster eval rules/acme/ready.muster --param a.b=1 --param a.b=2
