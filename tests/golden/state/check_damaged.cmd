python3 make_state.py $T/muster.db "UPDATE subject SET data = CAST(replace(CAST(data AS TEXT), 26100, 26200) AS BLOB) WHERE slot = 0"
muster state check $T/muster.db
