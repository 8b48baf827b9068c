sed s/November/December/ hashed.minisig > $T/s
muster verify rules.txt --pub open.key.pub --signature $T/s
