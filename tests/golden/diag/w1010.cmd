echo '{}' | muster eval w1010.muster --at 2026-11-10 > $T/verdicts
