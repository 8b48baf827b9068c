python3 make_state.py $T/muster.db "UPDATE segment SET data = CAST(replace(CAST(data AS TEXT), 26100, 26200) AS BLOB) WHERE number = 0"
muster state check $T/muster.db
