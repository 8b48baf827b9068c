muster diff old.muster new.muster
