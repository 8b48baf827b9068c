python3 make_state.py $T/muster.db "DELETE FROM name WHERE number = 6" "INSERT INTO changes VALUES (50, 50, X'027b7d')" "UPDATE segment SET data = wrong_segment() WHERE number = 1" "INSERT INTO name VALUES (10, 1)" "INSERT INTO name VALUES (11, 1)"
muster state check $T/muster.db
