muster eval rules/acme/ready.muster --facts other
