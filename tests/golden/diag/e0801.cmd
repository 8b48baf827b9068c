# more parts than registers
{
  echo 'module a version 1.0'
  echo 'facts d { n: int }'
  printf 'let x = '
  awk 'BEGIN { for (i = 0; i < 300; i++) printf "d.n - ("; printf "1"; for (i = 0; i < 300; i++) printf ")" }'
} > $T/a.muster
muster check $T/a.muster
