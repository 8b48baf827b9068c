muster test covered.muster --sample 0
