# each def calls the one before twice
{
  echo 'module a version 1.0'
  echo 'facts d { n: int }'
  echo 'def f0(x: int): int = x + d.n'
  awk 'BEGIN { for (i = 1; i < 40; i++) printf "def f%d(x: int): int = f%d(x) + f%d(x)\n", i, i - 1, i - 1 }'
  echo 'decision e { when f39(1) > 1 then yes otherwise no }'
} > $T/a.muster
muster check $T/a.muster
