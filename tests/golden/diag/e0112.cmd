{ echo 'module a version 1.0'; printf 'let x = "'; head -c 4097 /dev/zero | tr '\0' 'x'; echo '"'; } > $T/a.muster
muster check $T/a.muster
