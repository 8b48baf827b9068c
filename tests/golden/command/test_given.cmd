muster test given_values.muster
