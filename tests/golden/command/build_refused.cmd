cp other/one.muster $T/precious.muster
muster build rules/acme/ready.muster -o $T/precious.muster
echo $?
cmp other/one.muster $T/precious.muster
