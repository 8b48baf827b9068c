muster test covered.muster --coverage --format json
