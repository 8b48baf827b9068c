muster check broken.muster wordy.muster --format json
