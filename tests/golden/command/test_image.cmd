muster build tested.muster --with-tests -o $T/t.musterc >/dev/null; cd $T; muster test t.musterc
