muster test keyed.muster --coverage
