# 17 MiB of comment
{ echo 'module a version 1.0'; head -c 17825792 /dev/zero | tr '\0' '#'; } > $T/a.muster
muster check $T/a.muster
