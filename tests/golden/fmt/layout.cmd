muster fmt messy.muster
