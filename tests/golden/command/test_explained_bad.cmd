muster test covered.muster --explained explained_bad.md
