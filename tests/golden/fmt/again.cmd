muster fmt messy.muster | muster fmt -
