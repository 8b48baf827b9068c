# the diagnostics are the result, the summary is not
muster check broken.muster 2> $T/summary | wc -l
cat $T/summary
