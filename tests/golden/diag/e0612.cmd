muster check e0612.muster
