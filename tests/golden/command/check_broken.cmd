muster check broken.muster
