muster build other/one.muster -o $T/a.musterc > $T/told
sed s/1.0/1.1/ other/one.muster > $T/one.muster
muster build $T/one.muster -o $T/b.musterc --predecessor $T/a.musterc | sed -E 's/[0-9,]+ bytes/N bytes/; s/(policy|decision) +[0-9,]+ +[0-9,]+/\1 N N/'
muster inspect $T/b.musterc | grep predecessor
