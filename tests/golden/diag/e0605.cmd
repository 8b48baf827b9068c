muster check e0605.muster
