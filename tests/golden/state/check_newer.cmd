python3 make_state.py $T/muster.db "PRAGMA user_version = 3"
muster state check $T/muster.db
