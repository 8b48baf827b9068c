muster fmt old.muster > $T/old.muster; muster diff old.muster $T/old.muster
