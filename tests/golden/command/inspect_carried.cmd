muster build tested.muster --with-tests --with-source -o $T/a.musterc >/dev/null && muster inspect $T/a.musterc | grep -A3 reader | sed -E 's/[0-9,]+ bytes/N bytes/'
