muster verify open.key.pub --pub open.key.pub --signature hashed.minisig
