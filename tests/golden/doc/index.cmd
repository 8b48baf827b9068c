muster doc doc.muster -I . -o $T > /dev/null && cat $T/index.md $T/golden.words.md && sed "1,/<\/style>/d" $T/index.html
