muster check e0905.muster
