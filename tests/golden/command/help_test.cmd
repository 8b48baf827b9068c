muster help test
