cp rules.txt $T/rules.txt && muster sign $T/rules.txt --key open.key >/dev/null && grep trusted.comment:.timestamp $T/rules.txt.minisig | tr "0-9\t" "N " | tr -s N
