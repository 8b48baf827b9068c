python3 make_state.py $T/muster.db "DELETE FROM name WHERE number = 6" "INSERT INTO change VALUES (50, 1)" "UPDATE subject SET slot = 9 WHERE slot = 4" "INSERT INTO name VALUES (10, 1)" "INSERT INTO name VALUES (11, 1)"
muster state check $T/muster.db
