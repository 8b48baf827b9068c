# A table that three modules import is wrong: that is said once.
printf 'module t version 1.0\ntable updates (key kb: text, ubr: int) from "t.csv"\n' >$T/t.muster
printf 'kb,ubr\nKB1,87o5\n' >$T/t.csv
for name in a b; do printf 'module %s_test\nimport t\n' $name >$T/${name}_test.muster; done
cd $T
muster test .
for name in a b; do mv ${name}_test.muster $name.muster && sed -i 's/_test/ version 1.0/' $name.muster; done
muster eval . --facts /dev/null
