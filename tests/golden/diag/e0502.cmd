muster check e0502.muster
