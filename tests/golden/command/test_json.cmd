muster test tested.muster --format json
