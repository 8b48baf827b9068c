muster diff --format json old.muster new.muster
