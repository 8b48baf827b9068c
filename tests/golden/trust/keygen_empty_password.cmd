muster keygen -o $T/k; echo $?; ls $T
