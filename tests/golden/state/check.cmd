python3 make_state.py $T/muster.db && muster state check $T/muster.db && ls $T
