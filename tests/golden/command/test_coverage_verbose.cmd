muster test covered.muster --coverage --verbose --filter young
