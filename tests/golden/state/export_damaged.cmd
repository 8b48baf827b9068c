python3 make_state.py $T/muster.db "UPDATE subject SET id = 4 WHERE slot = 3"
muster state export $T/muster.db
