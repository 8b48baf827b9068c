muster state backup $T/none.db $T/copy.db; echo $?; ls $T
