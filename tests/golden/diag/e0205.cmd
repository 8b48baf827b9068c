{ echo 'module a version 1.0'; printf 'let x = '; head -c 2000 /dev/zero | tr '\0' '('; echo 1; } > $T/a.muster
muster check $T/a.muster
chain() { echo 'module e version 1.0'; echo 'let x = if 1 < 0 then 0'; seq -f 'else if 1 < %.0f then 1' "$1"; echo 'else 9'; }
chain 250 > $T/b.muster; muster check $T/b.muster
chain 251 > $T/c.muster; muster check $T/c.muster
chain 900 > $T/d.muster; muster check $T/d.muster
{ echo 'module f version 1.0'; printf 'let x = '; yes 'not' | head -2000; echo true; } > $T/e.muster
muster check $T/e.muster
