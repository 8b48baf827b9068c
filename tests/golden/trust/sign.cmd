cp rules.txt $T/rules.txt && muster sign $T/rules.txt --key open.key --comment "of November" && cat $T/rules.txt.minisig && cmp $T/rules.txt.minisig hashed.minisig && echo as minisign makes it
