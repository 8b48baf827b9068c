muster test covered.muster --min-coverage much
