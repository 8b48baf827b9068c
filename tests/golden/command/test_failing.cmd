muster test tested.muster
