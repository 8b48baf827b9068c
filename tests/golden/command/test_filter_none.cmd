muster test tested.muster --filter 'an old*'
