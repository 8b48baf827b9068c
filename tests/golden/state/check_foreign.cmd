python3 make_state.py $T/muster.db "PRAGMA application_id = 1"
muster state check $T/muster.db
