muster build broken.muster -o $T/x.musterc
echo $?
ls $T
