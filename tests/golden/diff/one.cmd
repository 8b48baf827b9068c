muster diff old.muster
