muster test covered.muster --min-coverage 50 | tail -2
