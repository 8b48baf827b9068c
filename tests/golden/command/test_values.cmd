muster test test_values.muster
