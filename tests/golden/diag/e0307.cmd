muster check e0307.muster
