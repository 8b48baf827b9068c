muster check acme.ready -I rules
