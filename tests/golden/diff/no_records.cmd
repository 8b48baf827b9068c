muster diff old.muster new.muster --facts /dev/null | tail -n 4
