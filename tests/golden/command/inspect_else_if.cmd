muster inspect --disassemble else_if.muster
