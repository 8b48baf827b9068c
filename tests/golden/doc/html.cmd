muster doc doc.muster -I . -o $T --format html && sed "1,/<\/style>/d" $T/golden.pages.html
