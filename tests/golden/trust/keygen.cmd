umask 022; muster keygen -o $T/k --no-password | sed "s/[0-9A-F]\{8,\}/ID/" && ls -l $T | cut -c1-10 && head -n 1 $T/k && sed -n "1s/[0-9A-F]\{8,\}/ID/p" $T/k.pub
