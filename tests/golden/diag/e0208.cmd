muster check e0208.muster
