muster test tested.muster --format xml
