printf "MUSTER\r\nand then nonsense" > $T/x.musterc
muster inspect $T/x.musterc
