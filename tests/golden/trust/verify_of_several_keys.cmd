muster verify rules.txt --pub other.pub --pub open.key.pub --signature hashed.minisig
