muster test covered.muster --mutate
