python3 make_state.py $T/muster.db && muster state backup $T/muster.db $T/none/copy.db
