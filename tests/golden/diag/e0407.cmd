muster check e0407.muster
