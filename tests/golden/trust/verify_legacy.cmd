muster verify rules.txt --pub open.key.pub --signature legacy.minisig
