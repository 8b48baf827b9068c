muster doc doc.muster -I .
