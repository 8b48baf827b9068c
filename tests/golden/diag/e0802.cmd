# a chain of defs that is longer than the compiler follows
{
  echo 'module a version 1.0'
  echo 'facts d { n: int }'
  echo 'def f0(x: int): int = x + d.n'
  awk 'BEGIN { for (i = 1; i < 70; i++) print "def f" i "(x: int): int = f" i - 1 "(x)" }'
  echo 'decision e { when f69(1) > 1 then yes otherwise no }'
} > $T/a.muster
muster check $T/a.muster
