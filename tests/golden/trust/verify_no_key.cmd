muster verify rules.txt
