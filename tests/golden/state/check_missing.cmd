muster state check $T/none.db
