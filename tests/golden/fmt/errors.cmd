muster fmt broken.muster
