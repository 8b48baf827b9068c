muster build explained.muster -o $T/e.musterc >/dev/null; muster explain $T/e.musterc --facts explained.ndjson --subject E-1
