python3 make_state.py $T/muster.db && echo precious > $T/copy.db
muster state backup $T/muster.db $T/copy.db; echo $?; cat $T/copy.db; ls $T
