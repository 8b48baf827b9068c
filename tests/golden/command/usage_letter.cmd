muster eval -x rules
