muster build other/two.muster -o $T/a.musterc > $T/told
muster inspect $T/a.musterc | sed -E 's/[0-9,]+ bytes/N bytes/; s/(policy|decision) +[0-9,]+ +[0-9,]+ +[0-9,]+/\1 N N N/'
