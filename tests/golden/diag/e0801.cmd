# more instructions than one item can have
{
  echo 'module a version 1.0'
  echo 'facts d { n: int }'
  echo 'policy p { pass good fail bad unknown open check c {'
  echo 'require d.n in { 0'
  awk 'BEGIN { for (i = 1; i < 33000; i++) print ", " i }'
  echo '} } }'
} > $T/a.muster
muster check $T/a.muster
