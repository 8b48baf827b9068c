cp rules.txt $T/rules.txt && muster sign $T/rules.txt --key open.key --comment "$(printf "\\033[31mred")" >/dev/null && muster verify $T/rules.txt --pub open.key.pub | cat -v
