# a set of 100,001 members
{ echo 'module a version 1.0'; printf 'set s: int = {0'; yes ', 1' | head -n 100000 | tr -d '\n'; echo '}'; } > $T/a.muster
muster check $T/a.muster
