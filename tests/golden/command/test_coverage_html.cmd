muster test covered.muster --html $T/page.html | tail -1; cat $T/page.html
