cp rules.txt $T/rules.txt && muster sign $T/rules.txt --key open.key >/dev/null && grep trusted.comment:.timestamp $T/rules.txt.minisig | sed -E "s/[0-9]+/N/;s/\t/ /g"
