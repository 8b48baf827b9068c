muster doc doc.muster -I . -o $T --format pdf
