muster sign rules.txt
