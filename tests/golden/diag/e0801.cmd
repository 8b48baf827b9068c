# more clauses than one check can hold
{
  echo 'module a version 1.0'
  echo 'facts d { n: int }'
  echo 'policy p { pass good fail bad unknown open check c {'
  awk 'BEGIN { for (i = 0; i < 60; i++) print "undecided when d.n > " i " because \"It is so.\"" }'
  echo '} }'
} > $T/a.muster
muster check $T/a.muster
