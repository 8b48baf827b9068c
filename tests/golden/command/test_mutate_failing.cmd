muster test tested.muster --mutate
