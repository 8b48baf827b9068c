muster verify rules.txt --pub rules.txt
