python3 make_state.py $T/muster.db && muster state backup $T/muster.db $T/copy.db && muster state check $T/copy.db && ls $T
