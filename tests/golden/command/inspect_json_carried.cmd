muster build tested.muster --with-tests --with-source -o $T/a.musterc >/dev/null && muster inspect $T/a.musterc --format json | grep -o '"rule_tests.*params":...'
