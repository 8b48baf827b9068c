muster doc doc.muster -I . -o $T/pages && cat $T/pages/golden.pages.md
