muster check mistake-quoted-names.muster
