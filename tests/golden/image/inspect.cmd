# how much memory a host brings depends on its machine, all else does not
muster inspect format_1.musterc | sed -E 's/^(  (vm|reader) +)[0-9,]+ bytes/\1N bytes/' && muster facts format_1.musterc
