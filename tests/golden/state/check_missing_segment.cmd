python3 make_state.py $T/muster.db "DELETE FROM segment WHERE number = 0"
muster state check $T/muster.db
