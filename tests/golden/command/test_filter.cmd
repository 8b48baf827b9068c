muster test tested.muster --verbose --filter 'a new*'
