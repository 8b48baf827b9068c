muster test covered.muster --mutate --filter '*x*'
