muster state check make_state.py
