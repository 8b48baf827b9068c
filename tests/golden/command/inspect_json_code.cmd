muster inspect rules/acme/ready.muster --format json --disassemble
