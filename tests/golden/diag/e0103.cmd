# Latin-1: one byte for a letter with dots
printf 'module a version 1.0\n"Ger\344te"\n' > $T/a.muster
muster check $T/a.muster
