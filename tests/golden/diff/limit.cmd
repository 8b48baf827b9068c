muster diff old.muster new.muster --limit few
