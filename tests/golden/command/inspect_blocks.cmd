# Whose blocks they are, in the image that is kept: what rules are compiled to now may change.
muster inspect --disassemble ../image/format_1.musterc | sed -nE 's/^block [0-9]+: (.*), at most .*/\1/p'
