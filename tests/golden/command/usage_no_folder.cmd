muster eval rules/acme/ready.muster -I nowhere
