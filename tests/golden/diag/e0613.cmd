muster check e0613.muster
