muster test tested.muster --format tap
