TERM=xterm python3 on_terminal.py 60 muster test test_values.muster --coverage
