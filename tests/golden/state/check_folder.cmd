muster state check $T
