muster test broken.muster
