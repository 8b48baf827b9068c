muster test covered.muster --mutate --format json | tail -4
