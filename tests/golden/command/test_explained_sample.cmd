muster test covered.muster --explained explained.md --sample 8 --jobs 3
