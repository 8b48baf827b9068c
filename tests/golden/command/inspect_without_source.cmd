muster build other/one.muster -o $T/a.musterc >/dev/null && muster inspect --disassemble $T/a.musterc | head -6
