muster fmt --check messy.muster tree/good.muster
