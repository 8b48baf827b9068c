muster inspect --disassemble other/one.muster > $T/code && test -s $T/code && echo some code
