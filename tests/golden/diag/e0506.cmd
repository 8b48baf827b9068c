muster check e0506.muster --param a.limit=many
