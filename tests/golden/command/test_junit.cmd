muster test tested.muster --format junit
