muster sign $T/none --key open.key
