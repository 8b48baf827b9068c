# how much memory a host brings depends on its machine, all else does not
for image in format_1 format_1_1; do
    muster inspect $image.musterc | sed -E 's/^(  (vm|reader) +)[0-9,]+ bytes/\1N bytes/' &&
        muster facts $image.musterc || exit
done
