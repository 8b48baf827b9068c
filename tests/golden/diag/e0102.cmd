printf 'module a version 1.0\nlet \000x = 1\n' > $T/a.muster
muster check $T/a.muster
