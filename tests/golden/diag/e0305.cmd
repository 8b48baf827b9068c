muster check e0305.muster
