cp -r tree broken.muster $T && muster fmt --write $T; cat $T/tree/*.muster; muster fmt --check $T/tree
