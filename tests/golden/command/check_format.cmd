muster check broken.muster --format yaml
