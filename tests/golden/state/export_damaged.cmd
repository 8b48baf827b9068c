python3 make_state.py $T/muster.db "UPDATE segment SET data = wrong_segment() WHERE number = 1"
muster state export $T/muster.db
