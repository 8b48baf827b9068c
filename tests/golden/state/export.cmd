python3 make_state.py $T/muster.db && muster state export $T/muster.db
