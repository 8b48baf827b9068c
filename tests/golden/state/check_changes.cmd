# One byte of an event has turned: SQLite sees nothing of it.
python3 make_state.py $T/muster.db "UPDATE changes SET events = other_byte(events, 3)"
muster state check $T/muster.db
