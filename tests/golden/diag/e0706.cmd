muster check e0706.muster
