muster keygen -o $T/k --no-password > /dev/null && cp $T/k $T/before; muster keygen -o $T/k --no-password; echo $?; cmp $T/k $T/before; rm $T/k; muster keygen -o $T/k --no-password
