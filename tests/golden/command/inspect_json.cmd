muster inspect rules/acme/ready.muster --format json --param acme.ready.max_uptime="2 days" | sed -E 's/("[a-z_]*bytes"|steps"):[0-9]+/\1:N/g'
