# Latin-1: the a with dots of Straße's neighbour
printf 'module a version 1.0\n"Ger\344te"\n' > $T/a.muster
muster check $T/a.muster
