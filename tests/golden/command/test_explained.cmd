muster test covered.muster --explained explained.md | sed -n '/^explained.md/,$p'
