python3 -c 'import pty, sys; sys.exit(pty.spawn(["muster", "eval", "other"]) >> 8)' | tr -d '\r'
