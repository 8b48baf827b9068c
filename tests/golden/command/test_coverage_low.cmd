muster test covered.muster --min-coverage 95.5 >/dev/null
