muster test covered.muster --explained explained_bad.md --html $T/page.html >/dev/null; echo $?; grep -c "<html" $T/page.html
