muster inspect --disassemble other/one.muster
