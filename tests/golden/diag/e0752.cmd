muster check e0752.muster
