cp rules.txt $T/rules.txt && muster sign $T/rules.txt --key protected.key
