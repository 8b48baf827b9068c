{ echo 'module a version 1.0'; printf 'let x = '; head -c 2000 /dev/zero | tr '\0' '('; echo 1; } > $T/a.muster
muster check $T/a.muster
