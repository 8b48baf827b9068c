muster verify rules.txt --pub other.pub --signature hashed.minisig
