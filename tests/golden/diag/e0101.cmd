# saved by a Windows editor as "Unicode"
printf '\377\376m\000o\000d\000u\000l\000e\000' > $T/a.muster
muster check $T/a.muster
