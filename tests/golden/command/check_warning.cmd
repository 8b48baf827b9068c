muster check wordy.muster
