muster test covered.muster --coverage
