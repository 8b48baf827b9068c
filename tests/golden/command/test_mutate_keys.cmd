muster test keyed.muster --mutate
