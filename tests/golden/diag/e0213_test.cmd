muster check e0213_test.muster
