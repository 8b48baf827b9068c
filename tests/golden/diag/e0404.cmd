muster check e0404.muster
